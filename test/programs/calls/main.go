// Calls functions in every way that matters to a recorder of calls, and prints one line of JSON for each call that it made:
// function, goroutine, depth, arguments as gotape writes them, when its body began and ended by CLOCK_MONOTONIC (0: never).
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

type call struct {
	Function string `json:"function"`
	Goid     int    `json:"goid"`
	Depth    int    `json:"depth"`
	Args     string `json:"args"`
	Start    int64  `json:"start"`
	End      int64  `json:"end"`
	Outcome  string `json:"outcome"`
}

var (
	mutex sync.Mutex
	calls []*call
)

func now() int64 {
	var at syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&at)), 0)
	return at.Nano()
}

func goid() int {
	var buffer [64]byte
	fields := bytes.Fields(buffer[:runtime.Stack(buffer[:], false)])
	id, _ := strconv.Atoi(string(fields[1]))
	return id
}

// outcome is what is expected; a call that is not returned from has no end.
func begin(function string, depth int, outcome string, args string) *call {
	c := &call{Function: function, Goid: goid(), Depth: depth, Args: args, Outcome: outcome, Start: now()}
	mutex.Lock()
	calls = append(calls, c)
	mutex.Unlock()
	return c
}

func (c *call) end() { c.End = now() }

func nilness(err error) string {
	if err == nil {
		return "nil"
	}
	return "non-nil"
}

type server struct{ hits int64 }

type point struct {
	x, y int32
	name string
}

//go:noinline
func (s *server) handle(id int, name string, ok bool, err error) int {
	c := begin("main.(*server).handle", 0, "returned",
		fmt.Sprintf("s=%p id=%d name=%q ok=%v err=%s", s, id, name, ok, nilness(err)))
	defer c.end()
	hits := atomic.AddInt64(&s.hits, 1)
	if id%3 == 0 {
		time.Sleep(50 * time.Microsecond) // comes back on any thread
	} else {
		runtime.Gosched()
	}
	return int(hits)
}

//go:noinline
func (p point) moved(by int8, far uint16, scale float64) point {
	c := begin("main.point.moved", 0, "returned",
		fmt.Sprintf("p={x=%d y=%d name=%q} by=%d far=%d scale=?", p.x, p.y, p.name, by, far))
	p.x += int32(by) + int32(far) + int32(scale)
	c.end()
	return p
}

//go:noinline
func recurse(n, depth int) int {
	c := begin("main.recurse", depth, "returned", fmt.Sprintf("n=%d depth=%d", n, depth))
	sum := n
	if n > 1 {
		sum += recurse(n-1, depth+1) + recurse(n-2, depth+1)
	}
	c.end()
	return sum
}

// deep makes its stack grow while every call of it is open, and shrink again.
//
//go:noinline
func deep(n, depth int, pad [40]int64) int64 {
	c := begin("main.deep", depth, "returned", fmt.Sprintf("n=%d depth=%d pad=?", n, depth))
	sum := pad[n%40]
	if n > 0 {
		pad[n%40]++
		sum += deep(n-1, depth+1, pad)
	}
	if n == 500 {
		runtime.GC() // most of the stack is free again: it shrinks
		runtime.GC()
	}
	c.end()
	return sum
}

//go:noinline
func catches(n int) (caught string) {
	c := begin("main.catches", 0, "returned", fmt.Sprintf("n=%d", n))
	defer func() {
		caught = fmt.Sprint(recover())
		c.end()
	}()
	passes(n)
	return "nothing"
}

//go:noinline
func passes(n int) {
	begin("main.passes", 1, "unwound", fmt.Sprintf("n=%d", n))
	if n%2 == 0 {
		defer func() { _ = strings.Repeat("x", n) }()
	}
	throws(n, nil)
}

//go:noinline
func throws(n int, nothing *int) {
	begin("main.throws", 2, "unwound", fmt.Sprintf("n=%d nothing=nil", n))
	if n%3 == 0 {
		*nothing = 1
	}
	panic(n)
}

// again is recovered once in its own frame and goes on, and once below the frame of its caller.
//
//go:noinline
func again(n int) {
	c := begin("main.again", 0, "returned", fmt.Sprintf("n=%d", n))
	for i := 0; i < 3; i++ {
		func() {
			defer func() { _ = recover() }()
			inner(n)
		}()
	}
	c.end()
}

//go:noinline
func inner(n int) {
	begin("main.inner", 1, "unwound", fmt.Sprintf("n=%d", n))
	panic(n)
}

//go:noinline
func exits(name string) {
	begin("main.exits", 0, "unwound", fmt.Sprintf("name=%q", name))
	defer leaves(name)
	runtime.Goexit()
}

//go:noinline
func leaves(name string) {
	c := begin("main.leaves", 1, "returned", fmt.Sprintf("name=%q", name))
	c.end()
}

//go:noinline
func blocks(ready chan<- bool, forever <-chan bool) {
	begin("main.blocks", 0, "unfinished", fmt.Sprintf("ready=%p forever=%p", ready, forever))
	ready <- true
	<-forever
}

//go:noinline
func sum[T int | float64](values []T, why string) (total T) {
	c := begin("main.sum[...]", 0, "returned", fmt.Sprintf("values=[%d] why=%q", len(values), why))
	for _, value := range values {
		total += value
	}
	c.end()
	return total
}

//go:noinline
func texts(short, long, empty, none, fifth string) int {
	c := begin("main.texts", 0, "returned", fmt.Sprintf("short=%q long=%q…(%d bytes) empty=%q none=%q fifth=?", short, long[:64], len(long), empty, none))
	c.end()
	return len(short) + len(fifth)
}

//go:noinline
func wide(a, b, c, d, e, f, g, h, i, j int) int {
	k := begin("main.wide", 0, "returned", fmt.Sprintf("a=%d b=%d c=%d d=%d e=%d f=%d g=%d h=%d i=%d j=?", a, b, c, d, e, f, g, h, i))
	k.end()
	return j
}

func inGoroutine(work func()) {
	done := make(chan bool)
	go func() {
		defer close(done)
		work()
	}()
	<-done
}

func many() {
	var group sync.WaitGroup
	s := &server{}
	for g := 0; g < 8; g++ {
		group.Add(1)
		go func(g int) {
			defer group.Done()
			for i := 0; i < 25; i++ {
				var err error
				if i%2 == 0 {
					err = errors.New("odd")
				}
				s.handle(100*g+i-50, fmt.Sprintf("user %d é", i), i%2 == 1, err)
			}
		}(g)
	}
	group.Wait()
}

//go:noinline
func tick(n int) int { return n + 1 }

// loop runs until it is killed: every call of tick has the number after that of the one before.
//
//go:noinline
func loop(n int) {
	fmt.Println("ready")
	for {
		n = tick(n)
		time.Sleep(time.Millisecond)
	}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "loop" {
		loop(os.Getpid())
	}
	many()
	point{1, -2, "origin"}.moved(-3, 65535, 2)
	recurse(9, 0)
	inGoroutine(func() { deep(1500, 0, [40]int64{}) })
	for n := 0; n < 12; n++ {
		catches(n)
	}
	again(1)
	inGoroutine(func() { exits("bye") })
	sum([]int{1, 2, 3}, "ints")
	sum([]float64{1, 2}, "floats")
	texts("a\"b", strings.Repeat("0123456789", 20), "", "", "fifth")
	wide(1, -2, 3, 4, 5, 6, 7, 8, 9, 10)
	ready := make(chan bool)
	go blocks(ready, make(chan bool))
	<-ready
	mutex.Lock()
	defer mutex.Unlock()
	output := json.NewEncoder(os.Stdout)
	for _, c := range calls {
		_ = output.Encode(c)
	}
}
