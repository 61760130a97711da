// Goroutines that each block in one way, in a function of their own whose name says how: what --stacks must find.
// Prints a line per goroutine: its name, and its goroutine id.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"time"
)

func goid() string {
	buffer := make([]byte, 64)
	return strings.Fields(string(buffer[:runtime.Stack(buffer, false)]))[1]
}

const rounds = 20

type server struct{ requests chan int }

//go:noinline
func (s *server) receiveRequests() {
	for i := 0; i < rounds; i++ {
		<-s.requests
	}
}

//go:noinline
func (s *server) sendRequests() {
	for i := 0; i < rounds; i++ {
		time.Sleep(time.Millisecond)
		s.requests <- i
	}
}

//go:noinline
func waitInSelect(a, b chan int) {
	for i := 0; i < rounds; i++ {
		select {
		case <-a:
		case <-b:
		}
	}
}

//go:noinline
func fillSlowly(a chan int) {
	for i := 0; i < rounds; i++ {
		time.Sleep(time.Millisecond)
		a <- i
	}
}

//go:noinline
func lockTogether(mutex *sync.Mutex) {
	for i := 0; i < rounds; i++ {
		mutex.Lock()
		time.Sleep(time.Millisecond)
		mutex.Unlock()
	}
}

// pause is small, and so is rest: the compiler puts one into the other, and both into their caller.
func pause(wait time.Duration) {
	time.Sleep(wait)
}

func rest() {
	pause(time.Millisecond)
}

//go:noinline
func callInlined() {
	for i := 0; i < rounds; i++ {
		rest()
	}
}

//go:noinline
func waitForCondition(mutex *sync.Mutex, condition *sync.Cond) {
	for i := 0; i < rounds; i++ {
		mutex.Lock()
		condition.Wait()
		mutex.Unlock()
	}
}

//go:noinline
func acceptConnections(listener net.Listener) {
	for i := 0; i < rounds; i++ {
		connection, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		time.Sleep(time.Millisecond)
		connection.Write([]byte("hello"))
		connection.Close()
	}
}

//go:noinline
func readConnections(address string) {
	for i := 0; i < rounds; i++ {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			panic(err)
		}
		connection.Read(make([]byte, 16))
		connection.Close()
	}
}

//go:noinline
func writeFiles(file *os.File) {
	for i := 0; i < rounds; i++ {
		file.WriteAt([]byte("text"), int64(i))
	}
}

//go:noinline
func runCommands() {
	for i := 0; i < 2; i++ {
		if err := exec.Command("/bin/true").Run(); err != nil {
			panic(err)
		}
	}
}

//go:noinline
func recurse(depth int) int {
	if depth == 0 {
		time.Sleep(time.Millisecond)
		return 0
	}
	return recurse(depth-1) + 1
}

//go:noinline
func recurseDeeply() {
	for i := 0; i < rounds; i++ {
		recurse(100)
	}
}

type number interface{ ~int | ~float64 }

//go:noinline
func sleepFor[T number](milliseconds T) {
	time.Sleep(time.Duration(milliseconds) * time.Millisecond)
}

//go:noinline
func sleepGenerically() {
	for i := 0; i < rounds; i++ {
		sleepFor(1)
		sleepFor(1.0)
	}
}

//go:noinline
func sleepLabelled() {
	context := context.Background()
	for i := 0; i < rounds; i++ {
		pprof.Do(context, pprof.Labels("request", fmt.Sprint(i), "kind", "test"), sleepInDo)
		time.Sleep(time.Millisecond)
	}
}

//go:noinline
func sleepInDo(context.Context) {
	time.Sleep(time.Millisecond)
	done := make(chan bool)
	go inheritLabels(done)
	<-done
}

//go:noinline
func inheritLabels(done chan bool) {
	time.Sleep(100 * time.Microsecond)
	done <- true
}

//go:noinline
func keepLabels() {
	for {
		time.Sleep(time.Millisecond)
	}
}

// startLabelled is put into main: the go statement then has two places.
func startLabelled(context.Context) {
	go keepLabels()
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "labelled" {
		labels := pprof.WithLabels(context.Background(), pprof.Labels("team", "ops", "a", "", "shard", "17"))
		pprof.SetGoroutineLabels(labels)
		startLabelled(labels)
		fmt.Println("ready")
		select {}
	}
	var all sync.WaitGroup
	start := func(name string, run func()) {
		all.Add(1)
		go func() {
			defer all.Done()
			fmt.Println(name, goid())
			run()
		}()
	}
	requests := &server{make(chan int)}
	start("receiveRequests", requests.receiveRequests)
	start("sendRequests", requests.sendRequests)
	a, b := make(chan int), make(chan int)
	start("waitInSelect", func() { waitInSelect(a, b) })
	start("fillSlowly", func() { fillSlowly(a) })
	var mutex, conditions sync.Mutex
	start("lockTogether", func() { lockTogether(&mutex) })
	start("lockTogether", func() { lockTogether(&mutex) })
	start("callInlined", callInlined)
	condition := sync.NewCond(&conditions)
	waited := make(chan bool)
	start("waitForCondition", func() { waitForCondition(&conditions, condition); close(waited) })
	go func() {
		for {
			select {
			case <-waited:
				return
			case <-time.After(time.Millisecond):
				condition.Signal()
			}
		}
	}()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	start("acceptConnections", func() { acceptConnections(listener) })
	start("readConnections", func() { readConnections(listener.Addr().String()) })
	file, err := os.CreateTemp("", "gotape-where")
	if err != nil {
		panic(err)
	}
	defer os.Remove(file.Name())
	start("writeFiles", func() { writeFiles(file) })
	start("runCommands", runCommands)
	start("recurseDeeply", recurseDeeply)
	start("sleepGenerically", sleepGenerically)
	start("sleepLabelled", sleepLabelled)
	all.Wait()
}
