// iter.Pull switches goroutines without casgstatus (Go 1.23 and later). Prints the sum that it pulled.
package main

import (
	"fmt"
	"iter"
)

func numbers(yield func(int) bool) {
	for i := 0; i < 1000; i++ {
		if !yield(i) {
			return
		}
	}
}

func main() {
	next, stop := iter.Pull(iter.Seq[int](numbers))
	defer stop()
	sum := 0
	for i, ok := next(); ok; i, ok = next() {
		sum += i
	}
	fmt.Println(sum)
}
