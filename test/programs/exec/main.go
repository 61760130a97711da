// Works for a while, then becomes another program: exec DURATION COMMAND [ARGUMENT…]
package main

import (
	"os"
	"syscall"
	"time"
)

func pingPong(calls, answers chan int) {
	for n := range calls {
		answers <- n
	}
}

func main() {
	d, err := time.ParseDuration(os.Args[1])
	if err != nil {
		panic(err)
	}
	calls, answers := make(chan int), make(chan int)
	go pingPong(calls, answers)
	for start := time.Now(); time.Since(start) < d; time.Sleep(time.Millisecond) {
		calls <- 1
		<-answers
	}
	panic(syscall.Exec(os.Args[2], os.Args[2:], os.Environ()))
}
