// Competes for one CPU with another process, and tells what the kernel says about it: compete DURATION
//
// Every thread is tied to CPU 0, where a shell runs in a loop. Three goroutines, each with a thread of its own: one
// computes; one sleeps in a system call that the scheduler knows of; one in a raw system call that it does not.
// Then a line of JSON: /proc/self/task/*/{schedstat,status} of every thread.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

type thread struct {
	Tid         int
	CPUNs       int64
	Voluntary   int
	Involuntary int
	// CLOCK_MONOTONIC around the reading.
	FromNs int64
	ToNs   int64
}

const naps = 20
const nap = 2 * time.Millisecond

func compute(d time.Duration) {
	n := 0
	for start := time.Now(); time.Since(start) < d; {
		for i := 0; i < 100000; i++ {
			n += i
		}
	}
	sink = n
}

var sink int

// A signal (Go preempts by signals) interrupts a sleep: what is left of it follows.
func sleepKnown() {
	for i := 0; i < naps; i++ {
		request := syscall.NsecToTimespec(int64(nap))
		for errno := syscall.EINTR; errno == syscall.EINTR; {
			at := uintptr(unsafe.Pointer(&request))
			_, _, errno = syscall.Syscall(syscall.SYS_NANOSLEEP, at, at, 0)
		}
	}
}

func sleepRaw() {
	for i := 0; i < naps; i++ {
		request := syscall.NsecToTimespec(int64(nap))
		for errno := syscall.EINTR; errno == syscall.EINTR; {
			at := uintptr(unsafe.Pointer(&request))
			_, _, errno = syscall.RawSyscall(syscall.SYS_NANOSLEEP, at, at, 0)
		}
	}
}

func onOwnThread(group *sync.WaitGroup, tid *int, release chan struct{}, work func()) {
	runtime.LockOSThread()
	*tid = syscall.Gettid()
	work()
	group.Done()
	<-release
}

func main() {
	d, err := time.ParseDuration(os.Args[1])
	if err != nil {
		panic(err)
	}
	tieToFirstCPU()
	busy := exec.Command("/bin/sh", "-c", "while :; do :; done")
	if err := busy.Start(); err != nil {
		panic(err)
	}
	var group sync.WaitGroup
	group.Add(3)
	release := make(chan struct{})
	var computes, knows, raw int
	go onOwnThread(&group, &computes, release, func() { compute(d) })
	go onOwnThread(&group, &knows, release, sleepKnown)
	go onOwnThread(&group, &raw, release, sleepRaw)
	group.Wait()
	threads := readThreads()
	_ = busy.Process.Kill()
	_ = busy.Wait()
	_ = json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"computes": computes, "knows": knows, "raw": raw, "sleptNs": naps * int64(nap), "threads": threads,
	})
}

func tieToFirstCPU() {
	mask := [16]uint64{1}
	for _, tid := range tids() {
		_, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, uintptr(tid), unsafe.Sizeof(mask), uintptr(unsafe.Pointer(&mask)))
		if errno != 0 {
			panic(errno)
		}
	}
}

func tids() []int {
	entries, err := os.ReadDir("/proc/self/task")
	if err != nil {
		panic(err)
	}
	var found []int
	for _, entry := range entries {
		tid, _ := strconv.Atoi(entry.Name())
		found = append(found, tid)
	}
	return found
}

func readThreads() []thread {
	var threads []thread
	for _, tid := range tids() {
		t := thread{Tid: tid, FromNs: monotonic()}
		stat, _ := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/schedstat", tid))
		status, _ := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/status", tid))
		t.ToNs = monotonic()
		t.CPUNs, _ = strconv.ParseInt(strings.Fields(string(stat))[0], 10, 64)
		lines := bufio.NewScanner(strings.NewReader(string(status)))
		for lines.Scan() {
			_, _ = fmt.Sscanf(lines.Text(), "voluntary_ctxt_switches: %d", &t.Voluntary)
			_, _ = fmt.Sscanf(lines.Text(), "nonvoluntary_ctxt_switches: %d", &t.Involuntary)
		}
		threads = append(threads, t)
	}
	return threads
}

func monotonic() int64 {
	var now syscall.Timespec
	const clockMonotonic = 1
	_, _, _ = syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&now)), 0)
	return now.Nano()
}
