// Calls a function as often as it is told, and prints what CPU time a call took, in ns: other processes do not count.
package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
)

//go:noinline
func leaf(n int) int { return n + 1 }

// Has a frame, and so a push that the kernel emulates.
//
//go:noinline
func number(n int) int { return leaf(n) + 1 }

//go:noinline
func text(n int, s string) int { return leaf(n) + len(s) }

func cpuNs() int64 {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func main() {
	calls, _ := strconv.Atoi(os.Args[2])
	function := map[string]func(int) int{
		"leaf":   leaf,
		"number": number,
		"text":   func(n int) int { return text(n, "some text, 32 bytes long: enough") },
	}[os.Args[1]]
	start := cpuNs()
	for n := 0; n < calls; n++ {
		function(n)
	}
	fmt.Println(float64(cpuNs()-start) / float64(calls))
}
