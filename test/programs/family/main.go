// Three generations of goroutines, each of which says who it is and who made it, and then does everything that changes
// a goroutine's state: channels, select, locks, sleeping, files, sockets, growing stacks, short-lived goroutines, all of
// it while the collector runs again and again and stops the world.
//
// stdout is JSON lines, {"name":"main.child","goid":18,"parent":1}, one for each goroutine. With GOTAPE_RUNTIME_TRACE=FILE
// in the environment it traces itself.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/trace"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	children = 3
	// burst is how many round trips a pinger makes at a time.
	burst = 100
	span  = 600 * time.Millisecond
	// aftermath is how long the spinner and the collector go on alone: that is when goroutines are stopped for a scan.
	aftermath = 250 * time.Millisecond
)

type member struct {
	Name   string `json:"name"`
	Goid   int64  `json:"goid"`
	Parent int64  `json:"parent"`
}

var (
	lock    sync.Mutex
	members []member
	all     sync.WaitGroup
	sink    []byte
)

// goid is the id that the runtime prints: "goroutine 18 [running]:".
func goid() int64 {
	buf := make([]byte, 64)
	fields := strings.Fields(string(buf[:runtime.Stack(buf, false)]))
	id, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		panic(err)
	}
	return id
}

func register(name string, parent int64) int64 {
	id := goid()
	lock.Lock()
	members = append(members, member{"main." + name, id, parent})
	lock.Unlock()
	return id
}

func child(parent int64, deadline time.Time) {
	defer all.Done()
	self := register("child", parent)
	all.Add(4)
	pings, pongs := make(chan int), make(chan int)
	go pinger(self, deadline, pings, pongs)
	go ponger(self, pings, pongs)
	go fileReader(self, deadline)
	go socketPair(self, deadline)
	for time.Now().Before(deadline) {
		all.Add(1)
		go shortLived(self)
		time.Sleep(5 * time.Millisecond)
	}
}

func pinger(parent int64, deadline time.Time, pings chan<- int, pongs <-chan int) {
	defer all.Done()
	register("pinger", parent)
	never := make(chan int)
	for i := 0; time.Now().Before(deadline); i++ {
		if i%burst == 0 {
			time.Sleep(time.Millisecond) // let the others have their turn
		}
		pings <- i
		select {
		case <-pongs:
		case <-never:
		}
	}
	close(pings)
}

func ponger(parent int64, pings <-chan int, pongs chan<- int) {
	defer all.Done()
	register("ponger", parent)
	for i := range pings {
		pongs <- i
	}
}

func fileReader(parent int64, deadline time.Time) {
	defer all.Done()
	register("fileReader", parent)
	for time.Now().Before(deadline) {
		if _, err := os.ReadFile("/proc/self/stat"); err != nil {
			panic(err)
		}
		runtime.Gosched()
	}
}

func socketPair(parent int64, deadline time.Time) {
	defer all.Done()
	self := register("socketPair", parent)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer listener.Close()
	all.Add(1)
	go echo(self, listener)
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	buf := make([]byte, 8)
	for time.Now().Before(deadline) {
		conn.Write(buf)
		io.ReadFull(conn, buf)
	}
}

func echo(parent int64, listener net.Listener) {
	defer all.Done()
	register("echo", parent)
	conn, err := listener.Accept()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	io.Copy(struct{ io.Writer }{conn}, struct{ io.Reader }{conn})
}

// shortLived makes another goroutine and ends: its g is used again soon, by a goroutine with another id.
func shortLived(parent int64) {
	defer all.Done()
	self := register("shortLived", parent)
	all.Add(1)
	go grandchild(self)
	deepen(50)
}

func grandchild(parent int64) {
	defer all.Done()
	register("grandchild", parent)
}

// deepen makes the stack grow.
func deepen(depth int) int {
	var block [512]byte
	if depth == 0 {
		return 0
	}
	return deepen(depth-1) + int(block[depth])
}

// spinner executes without a pause, so that whoever wants it stopped must preempt it.
func spinner(parent int64, deadline time.Time) {
	defer all.Done()
	register("spinner", parent)
	for n := 0; n&0xfff != 0 || time.Now().Before(deadline); n++ {
	}
}

// collector makes garbage and asks for what stops or scans goroutines.
func collector(parent int64, deadline time.Time) {
	defer all.Done()
	register("collector", parent)
	stacks := make([]byte, 1<<16)
	var stats runtime.MemStats
	for n := 0; time.Now().Before(deadline); n++ {
		for i := 0; i < 50; i++ {
			sink = make([]byte, 1<<12)
		}
		runtime.GC()
		if n%4 == 0 {
			runtime.ReadMemStats(&stats)
			runtime.Stack(stacks, true)
		}
	}
}

// traceItself starts runtime/trace when it is asked for, and returns what ends it.
func traceItself() (stop func()) {
	path := os.Getenv("GOTAPE_RUNTIME_TRACE")
	if path == "" {
		return func() {}
	}
	file, err := os.Create(path)
	if err != nil {
		panic(err)
	}
	if err := trace.Start(file); err != nil {
		panic(err)
	}
	return func() {
		trace.Stop()
		file.Close()
	}
}

func main() {
	stop := traceItself()
	deadline := time.Now().Add(span)
	self := goid()
	all.Add(children + 2)
	go spinner(self, deadline.Add(aftermath))
	go collector(self, deadline.Add(aftermath))
	for i := 0; i < children; i++ {
		go child(self, deadline)
	}
	all.Wait()
	stop()
	for _, m := range members {
		line, err := json.Marshal(m)
		if err != nil {
			panic(err)
		}
		fmt.Println(string(line))
	}
}
