// Goroutines that follow a script: recovered panics and Goexit, a locked thread, sleeps, commands, thousands of short lives,
// labels, and then channels, select, locks, conditions, sockets and files while the collector is under pressure.
//
// stdout is one JSON line: what they did, how often, and who they are. With GOTAPE_RUNTIME_TRACE=FILE in the environment
// the program traces itself.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

const (
	panics   = 60
	naps     = 20
	commands = 3
	shorts   = 3000
	requests = 20
	works    = 300
)

// told is what the program says of itself.
var told struct {
	sync.Mutex
	// Ids by start function: of every goroutine that the program starts.
	Goids map[string][]int64
	Main  int64
	// LockedTid is the thread of main.locked, which has it to itself from LockedNs on, CLOCK_MONOTONIC.
	LockedTid   int
	LockedNs    int64
	Panics      int
	Naps        int
	Commands    int
	Shorts      int
	Requests    int
	Works       int64
	Collections uint32
}

var (
	done   sync.WaitGroup
	worked atomic.Int64
	sink   []byte
)

// goid is the id that the runtime prints: "goroutine 18 [running]:".
func goid() int64 {
	buf := make([]byte, 64)
	id, err := strconv.ParseInt(strings.Fields(string(buf[:runtime.Stack(buf, false)]))[1], 10, 64)
	if err != nil {
		panic(err)
	}
	return id
}

func announce(name string) {
	id := goid()
	told.Lock()
	told.Goids["main."+name] = append(told.Goids["main."+name], id)
	told.Unlock()
}

func monotonicNs() int64 {
	var at syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&at)), 0)
	return at.Nano()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// work is one unit of what the goroutines do: its calls are counted.
//
//go:noinline
func work(i int) int {
	return i + int(worked.Add(1))
}

//go:noinline
func throws(i int, nothing *int) {
	if i%3 == 0 {
		*nothing = i // the kernel's signal becomes the panic
	}
	panic(i)
}

//go:noinline
func catches(i int) {
	defer func() {
		if recover() != nil {
			told.Panics++
		}
	}()
	throws(i, nil)
}

func panicker() {
	defer done.Done()
	announce("panicker")
	for i := 0; i < panics; i++ {
		catches(i)
	}
}

func leaver() {
	defer done.Done()
	announce("leaver")
	runtime.Goexit()
}

// locked ends with its thread, which ends too.
func locked() {
	defer done.Done()
	announce("locked")
	runtime.LockOSThread()
	told.LockedTid, told.LockedNs = syscall.Gettid(), monotonicNs()
	for i := 0; i < naps; i++ {
		time.Sleep(200 * time.Microsecond)
		runtime.Gosched()
		_, err := os.Stat("/proc/self/exe")
		must(err)
	}
}

func sleeper() {
	defer done.Done()
	announce("sleeper")
	for i := 0; i < naps; i++ {
		time.Sleep(time.Millisecond)
		told.Naps++
	}
}

func commander() {
	defer done.Done()
	announce("commander")
	for i := 0; i < commands; i++ {
		must(exec.Command("/bin/true").Run())
		told.Commands++
	}
}

func short(i int) {
	defer done.Done()
	announce("short")
}

func labelled() {
	defer done.Done()
	announce("labelled")
	for i := 0; i < requests; i++ {
		pprof.Do(context.Background(), pprof.Labels("request", strconv.Itoa(i)), request)
		time.Sleep(100 * time.Microsecond)
	}
}

func request(context.Context) {
	time.Sleep(100 * time.Microsecond)
	told.Requests++
}

func sender(out chan<- int) {
	defer done.Done()
	announce("sender")
	for i := 0; i < works; i++ {
		out <- work(i)
	}
	close(out)
}

func selector(in <-chan int, never <-chan int) {
	defer done.Done()
	announce("selector")
	for {
		select {
		case i, ok := <-in:
			if !ok {
				return
			}
			work(i)
		case <-never:
		}
	}
}

func contender(mutex *sync.Mutex) {
	defer done.Done()
	announce("contender")
	for i := 0; i < works; i++ {
		mutex.Lock()
		work(i)
		runtime.Gosched() // with the lock: the others come to wait for it
		mutex.Unlock()
	}
}

func turner(cond *sync.Cond, turn *int, own int) {
	defer done.Done()
	announce("turner")
	for i := 0; i < works; i++ {
		cond.L.Lock()
		for *turn != own {
			cond.Wait()
		}
		work(i)
		*turn = 1 - own
		cond.L.Unlock()
		cond.Broadcast()
	}
}

func client(address string) {
	defer done.Done()
	announce("client")
	conn, err := net.Dial("tcp", address)
	must(err)
	defer conn.Close()
	buf := make([]byte, 8)
	for i := 0; i < works; i++ {
		_, err := conn.Write(buf)
		must(err)
		_, err = io.ReadFull(conn, buf)
		must(err)
		work(i)
	}
}

func server(listener net.Listener) {
	defer done.Done()
	announce("server")
	conn, err := listener.Accept()
	must(err)
	defer conn.Close()
	buf := make([]byte, 8)
	for i := 0; i < works; i++ {
		_, err := io.ReadFull(conn, buf)
		must(err)
		_, err = conn.Write(buf)
		must(err)
		work(i)
	}
}

func reader(path string) {
	defer done.Done()
	announce("reader")
	for i := 0; i < works; i++ {
		_, err := os.ReadFile(path)
		must(err)
		work(i)
	}
}

func allocator() {
	defer done.Done()
	announce("allocator")
	var kept [64][]byte
	for i := 0; i < works; i++ {
		for k := 0; k < 16; k++ {
			kept[(i+k)%len(kept)] = make([]byte, 1<<12)
		}
		work(i)
	}
	told.Lock()
	sink = kept[0]
	told.Unlock()
}

// underPressure runs everything at once, with a collector that has no room.
func underPressure() {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	defer listener.Close()
	values, never := make(chan int), make(chan int)
	var mutex, turns sync.Mutex
	cond, turn := sync.NewCond(&turns), 0
	done.Add(12)
	go sender(values)
	go selector(values, never)
	go contender(&mutex)
	go contender(&mutex)
	go turner(cond, &turn, 0)
	go turner(cond, &turn, 1)
	go server(listener)
	go client(listener.Addr().String())
	go reader("/proc/self/stat")
	go allocator()
	go allocator()
	go allocator()
	done.Wait()
}

// traceItself starts runtime/trace when it is asked for, and returns what ends it.
func traceItself() (stop func()) {
	path := os.Getenv("GOTAPE_RUNTIME_TRACE")
	if path == "" {
		return func() {}
	}
	file, err := os.Create(path)
	must(err)
	must(trace.Start(file))
	return func() {
		trace.Stop()
		must(file.Close())
	}
}

func main() {
	stop := traceItself()
	debug.SetGCPercent(-1) // no collector until underPressure
	told.Goids, told.Main = map[string][]int64{}, goid()
	for _, run := range []func(){
		func() { go panicker() }, func() { go leaver() }, func() { go locked() }, func() { go sleeper() },
		func() { go commander() }, func() { go labelled() },
	} {
		done.Add(1)
		run()
		done.Wait()
	}
	for i := 0; i < shorts; i++ {
		done.Add(1)
		go short(i)
		told.Shorts++
		if i%100 == 99 {
			done.Wait()
		}
	}
	underPressure()
	runtime.GC() // ends a cycle that runs, and is the last one
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	stop()
	told.Collections, told.Works = stats.NumGC, worked.Load()
	line, err := json.Marshal(&told)
	must(err)
	fmt.Println(string(line))
}
