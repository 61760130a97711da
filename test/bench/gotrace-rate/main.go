// Reads a trace of Go from memory with Go's own reader and sums the time of each goroutine in each state: what the least Go program
// for the same figures takes. Prints the CPU time of the fastest round in seconds, and how many changes of state it read.
//
//	gotrace-rate FILE ROUNDS
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/exp/trace"
)

type goroutine struct {
	times [8]time.Duration
	since trace.Time
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: gotrace-rate FILE ROUNDS")
	}
	file, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	rounds, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	best, changes := time.Duration(1<<62), 0
	for range rounds {
		start := cpuTime()
		if changes, err = sum(file); err != nil {
			log.Fatal(err)
		}
		best = min(best, cpuTime()-start)
	}
	fmt.Printf("%.9f %d\n", best.Seconds(), changes)
}

func sum(file []byte) (int, error) {
	reader, err := trace.NewReader(bytes.NewReader(file))
	if err != nil {
		return 0, err
	}
	goroutines := map[trace.GoID]*goroutine{}
	changes := 0
	for {
		event, err := reader.ReadEvent()
		if errors.Is(err, io.EOF) {
			return changes, nil
		}
		if err != nil {
			return 0, err
		}
		if event.Kind() != trace.EventStateTransition {
			continue
		}
		change := event.StateTransition()
		if change.Resource.Kind != trace.ResourceGoroutine {
			continue
		}
		id := change.Resource.Goroutine()
		g := goroutines[id]
		if g == nil {
			g = &goroutine{}
			goroutines[id] = g
		}
		from, to := change.Goroutine()
		if from == to { // the state, told again at the start of a generation
			continue
		}
		g.times[from] += event.Time().Sub(g.since)
		g.since = event.Time()
		changes++
	}
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
