// One goroutine for every kind of wait. Each waits exactly `rounds` times: nobody is woken before the runtime itself says,
// in the traceback of all goroutines, that everybody waits, and for what.
//
// stdout is one JSON line: what each goroutine did, how often, and how often the collector ran.
package main

import (
	"encoding/json"
	"net"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	rounds    = 25
	tripCount = 2000
	fileReads = 500
	yields    = 300
	cycles    = 5
)

type waiter struct {
	// As tracebacks name it; sync's waits were all called semacquire once.
	reason string
	id     atomic.Int64
	passed atomic.Int64
	wait   func(round int)
	wake   func(round int)
}

func (w *waiter) run() {
	w.id.Store(goid())
	for i := 0; i < rounds; i++ {
		w.wait(i)
		w.passed.Add(1)
	}
}

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

var header = regexp.MustCompile(`(?m)^goroutine (\d+) (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[([^],]+)`)

// states are those of all goroutines, as the runtime prints them: "chan receive", "runnable".
func states() map[int64]string {
	buf := make([]byte, 1<<18)
	stateByGoid := map[int64]string{}
	for _, match := range header.FindAllStringSubmatch(string(buf[:runtime.Stack(buf, true)]), -1) {
		id, _ := strconv.ParseInt(match[1], 10, 64)
		stateByGoid[id] = match[2]
	}
	return stateByGoid
}

func allWait(waiters []*waiter, round int) bool {
	stateByGoid := states()
	for _, w := range waiters {
		state := stateByGoid[w.id.Load()]
		if w.passed.Load() != int64(round) || (state != w.reason && !(state == "semacquire" && strings.HasPrefix(w.reason, "sync."))) {
			return false
		}
	}
	return true
}

func waiters() []*waiter {
	var (
		toReceiver, fromSender, toSelect = make(chan int), make(chan int), make(chan int)
		never                            = make(chan int)
		mutexes                          [rounds]sync.Mutex
		readLocks, writeLocks            [rounds]sync.RWMutex
		groups                           [rounds]sync.WaitGroup
		condLock                         sync.Mutex
		cond                             = sync.NewCond(&condLock)
		client, server                   = connection()
		buf                              = make([]byte, 1)
	)
	for i := 0; i < rounds; i++ {
		mutexes[i].Lock()
		readLocks[i].Lock()
		writeLocks[i].RLock()
		groups[i].Add(1)
	}
	return []*waiter{
		{reason: "chan receive", wait: func(int) { <-toReceiver }, wake: func(i int) { toReceiver <- i }},
		{reason: "chan send", wait: func(i int) { fromSender <- i }, wake: func(int) { <-fromSender }},
		{
			reason: "select",
			wait: func(int) {
				select {
				case <-toSelect:
				case <-never:
				}
			},
			wake: func(i int) { toSelect <- i },
		},
		{reason: "sync.Mutex.Lock", wait: func(i int) { mutexes[i].Lock() }, wake: func(i int) { mutexes[i].Unlock() }},
		{reason: "sync.RWMutex.RLock", wait: func(i int) { readLocks[i].RLock() }, wake: func(i int) { readLocks[i].Unlock() }},
		{reason: "sync.RWMutex.Lock", wait: func(i int) { writeLocks[i].Lock() }, wake: func(i int) { writeLocks[i].RUnlock() }},
		{reason: "sync.WaitGroup.Wait", wait: func(i int) { groups[i].Wait() }, wake: func(i int) { groups[i].Done() }},
		{
			reason: "sync.Cond.Wait",
			wait: func(int) {
				condLock.Lock()
				cond.Wait()
				condLock.Unlock()
			},
			wake: func(int) { cond.Signal() },
		},
		{reason: "IO wait", wait: func(int) { server.Read(buf) }, wake: func(int) { client.Write(buf) }},
	}
}

func connection() (client, server net.Conn) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer listener.Close()
	if client, err = net.Dial("tcp", listener.Addr().String()); err != nil {
		panic(err)
	}
	if server, err = listener.Accept(); err != nil {
		panic(err)
	}
	return client, server
}

var done sync.WaitGroup

// report is what the goroutines say of themselves.
var report struct {
	sync.Mutex
	Rounds, Trips, FileReads, Yields int
	Collections                      uint32
	Main                             int64
	Goids                            map[string]int64
	Waiters                          map[string]int64
}

func announce(name string) {
	id := goid()
	report.Lock()
	report.Goids[name] = id
	report.Unlock()
}

func pinger(pings chan<- int, pongs <-chan int) {
	defer done.Done()
	announce("pinger")
	for i := 0; i < tripCount; i++ {
		pings <- i
		<-pongs
	}
	close(pings)
}

func ponger(pings <-chan int, pongs chan<- int) {
	defer done.Done()
	announce("ponger")
	for i := range pings {
		pongs <- i
	}
}

func sleeper() {
	defer done.Done()
	announce("sleeper")
	for i := 0; i < rounds; i++ {
		time.Sleep(2 * time.Millisecond)
	}
}

func fileReader(file *os.File) {
	defer done.Done()
	announce("fileReader")
	buf := make([]byte, 16)
	for i := 0; i < fileReads; i++ {
		if _, err := file.ReadAt(buf, 0); err != nil {
			panic(err)
		}
	}
}

func yielder() {
	defer done.Done()
	announce("yielder")
	for i := 0; i < yields; i++ {
		runtime.Gosched()
	}
}

func collector() {
	defer done.Done()
	announce("collector")
	for i := 0; i < cycles; i++ {
		runtime.GC()
	}
}

// alone runs goroutines to their end, with nobody else about.
func alone(run ...func()) {
	done.Add(len(run))
	for _, f := range run {
		go f()
	}
	done.Wait()
}

func main() {
	debug.SetGCPercent(-1) // only the collector's own cycles
	report.Goids, report.Waiters, report.Main = map[string]int64{}, map[string]int64{}, goid()
	file, err := os.Open("/proc/self/exe")
	if err != nil {
		panic(err)
	}
	pings, pongs := make(chan int), make(chan int)
	alone(func() { pinger(pings, pongs) }, func() { ponger(pings, pongs) })
	alone(func() { fileReader(file) })
	alone(yielder)
	alone(collector)
	alone(sleeper)
	all := waiters()
	for _, w := range all {
		go w.run()
	}
	for i := 0; i < rounds; i++ {
		for !allWait(all, i) {
			time.Sleep(time.Millisecond)
		}
		for _, w := range all {
			w.wake(i)
		}
		time.Sleep(time.Millisecond)
	}
	for _, w := range all {
		for w.passed.Load() < rounds {
			time.Sleep(time.Millisecond)
		}
		report.Waiters[w.reason] = w.id.Load()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	report.Collections = stats.NumGC
	report.Rounds, report.Trips, report.FileReads, report.Yields = rounds, tripCount, fileReads, yields
	json.NewEncoder(os.Stdout).Encode(&report)
}
