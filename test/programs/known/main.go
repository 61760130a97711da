// Goroutines of known behaviour, one start function for every kind of wait, for about a second.
//
// stdout is JSON lines: {"event":"main",…} first, {"event":"start","name":"main.chanReceiver","goid":18} as each goroutine
// starts, and {"event":"end","counts":{…}} with how many times each one was woken or did its work.
// With -wait it prints {"event":"ready"} and does nothing until a line comes in on stdin, so that a tracer can attach.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	round = 50 * time.Millisecond
	// fileReads is how many times fileReader reads in each round.
	fileReads = 20
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

var printing sync.Mutex

func printLine(value any) {
	line, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	printing.Lock()
	defer printing.Unlock()
	fmt.Println(string(line))
}

type started struct {
	Event string `json:"event"`
	Name  string `json:"name"`
	Goid  int64  `json:"goid"`
}

// announce is the first thing each goroutine does.
func announce(name string) {
	printLine(started{"start", "main." + name, goid()})
	ready.Done()
}

var (
	ready sync.WaitGroup // every goroutine has announced itself
	done  sync.WaitGroup // every goroutine has ended

	received, sent, selected, locked, signalled, grouped, slept, netRead, fileRead, shortLived atomic.Int64
)

func chanReceiver(in <-chan int) {
	defer done.Done()
	announce("chanReceiver")
	for range in {
		received.Add(1)
	}
}

func chanSender(out chan<- int, rounds int) {
	defer done.Done()
	announce("chanSender")
	for i := 0; i < rounds; i++ {
		out <- i
		sent.Add(1)
	}
}

func selectWaiter(a, b <-chan int, stop <-chan struct{}) {
	defer done.Done()
	announce("selectWaiter")
	for {
		select {
		case <-a:
		case <-b:
		case <-stop:
			return
		}
		selected.Add(1)
	}
}

// mutexWaiter finds the mutex held by main, every time.
func mutexWaiter(mutex *sync.Mutex, turn <-chan int) {
	defer done.Done()
	announce("mutexWaiter")
	for range turn {
		mutex.Lock()
		locked.Add(1)
		mutex.Unlock()
	}
}

func condWaiter(cond *sync.Cond, generation *int, rounds int) {
	defer done.Done()
	announce("condWaiter")
	cond.L.Lock()
	defer cond.L.Unlock()
	for seen := 0; seen < rounds; {
		for *generation == seen {
			cond.Wait()
			signalled.Add(1)
		}
		seen = *generation
	}
}

func waitGroupWaiter(groups <-chan *sync.WaitGroup) {
	defer done.Done()
	announce("waitGroupWaiter")
	for group := range groups {
		group.Wait()
		grouped.Add(1)
	}
}

func sleeper(rounds int) {
	defer done.Done()
	announce("sleeper")
	for i := 0; i < rounds; i++ {
		time.Sleep(round / 2)
		slept.Add(1)
	}
}

func netReader(conn net.Conn) {
	defer done.Done()
	announce("netReader")
	buf := make([]byte, 1)
	for {
		if _, err := conn.Read(buf); err != nil {
			return
		}
		netRead.Add(1)
	}
}

// fileReader makes system calls that do not block: a regular file, no poller.
func fileReader(path string, turn <-chan int) {
	defer done.Done()
	announce("fileReader")
	file, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	buf := make([]byte, 1)
	for range turn {
		for i := 0; i < fileReads; i++ {
			if _, err := file.ReadAt(buf, 0); err != nil {
				panic(err)
			}
			fileRead.Add(1)
		}
	}
}

func shortLivedGoroutine() {
	shortLived.Add(1)
	done.Done()
}

// connection is two ends of a TCP connection to ourselves.
func connection() (client, server net.Conn) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer listener.Close()
	client, err = net.Dial("tcp", listener.Addr().String())
	if err != nil {
		panic(err)
	}
	server, err = listener.Accept()
	if err != nil {
		panic(err)
	}
	return client, server
}

func main() {
	rounds := flag.Int("rounds", 20, "rounds of 50 ms")
	wait := flag.Bool("wait", false, "wait for a line on stdin before starting")
	flag.Parse()
	printLine(map[string]any{"event": "main", "name": "main.main", "goid": goid(), "pid": os.Getpid(), "go": runtime.Version()})
	if *wait {
		printLine(map[string]any{"event": "ready"})
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	}
	run(*rounds)
	printLine(map[string]any{"event": "end", "rounds": *rounds, "counts": map[string]int64{
		"main.chanReceiver":        received.Load(),
		"main.chanSender":          sent.Load(),
		"main.selectWaiter":        selected.Load(),
		"main.mutexWaiter":         locked.Load(),
		"main.condWaiter":          signalled.Load(),
		"main.waitGroupWaiter":     grouped.Load(),
		"main.sleeper":             slept.Load(),
		"main.netReader":           netRead.Load(),
		"main.fileReader":          fileRead.Load(),
		"main.shortLivedGoroutine": shortLived.Load(),
	}})
}

func run(rounds int) {
	var (
		toReceiver   = make(chan int)
		fromSender   = make(chan int)
		toSelectA    = make(chan int)
		toSelectB    = make(chan int)
		stopSelect   = make(chan struct{})
		mutexTurn    = make(chan int)
		fileTurn     = make(chan int)
		groups       = make(chan *sync.WaitGroup)
		mutex        sync.Mutex
		condMutex    sync.Mutex
		cond         = sync.NewCond(&condMutex)
		generation   int
		client, peer = connection()
	)
	file, err := os.CreateTemp("", "gotape-known-*")
	if err != nil {
		panic(err)
	}
	defer os.Remove(file.Name())
	if _, err := file.WriteString("known"); err != nil {
		panic(err)
	}
	file.Close()

	ready.Add(9)
	done.Add(9)
	go chanReceiver(toReceiver)
	go chanSender(fromSender, rounds)
	go selectWaiter(toSelectA, toSelectB, stopSelect)
	go mutexWaiter(&mutex, mutexTurn)
	go condWaiter(cond, &generation, rounds)
	go waitGroupWaiter(groups)
	go sleeper(rounds)
	go netReader(peer)
	go fileReader(file.Name(), fileTurn)
	ready.Wait()

	for i := 0; i < rounds; i++ {
		start := time.Now()
		var group sync.WaitGroup
		group.Add(1)
		mutex.Lock()
		mutexTurn <- i
		groups <- &group
		time.Sleep(round / 2)
		mutex.Unlock()
		group.Done()
		toReceiver <- i
		<-fromSender
		if i%2 == 0 {
			toSelectA <- i
		} else {
			toSelectB <- i
		}
		condMutex.Lock()
		generation++
		condMutex.Unlock()
		cond.Signal()
		if _, err := client.Write([]byte{'x'}); err != nil {
			panic(err)
		}
		fileTurn <- i
		done.Add(1)
		go shortLivedGoroutine()
		if i == rounds/3 || i == 2*rounds/3 {
			runtime.GC()
		}
		time.Sleep(round - time.Since(start))
	}
	close(toReceiver)
	close(stopSelect)
	close(mutexTurn)
	close(groups)
	close(fileTurn)
	client.Close()
	done.Wait()
}
