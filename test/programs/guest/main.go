// A program to be recorded from the command line, one behaviour per first argument:
//
//	exit N     makes some goroutines, ends with status N
//	abort      makes some goroutines, ends by SIGTERM of its own
//	echo       copies stdin to stdout and writes a line to stderr
//	tick       prints "ready", ticks until SIGINT or SIGTERM, prints which, ends with status 5
//	churn      like tick, with as many changes of state as it can
package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"
)

func main() {
	switch os.Args[1] {
	case "exit":
		someGoroutines()
		status, err := strconv.Atoi(os.Args[2])
		if err != nil {
			panic(err)
		}
		os.Exit(status)
	case "abort":
		someGoroutines()
		_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
		select {}
	case "echo":
		fmt.Fprintln(os.Stderr, "to stderr")
		_, _ = io.Copy(os.Stdout, os.Stdin)
	case "tick":
		go tick()
		untilSignal()
	case "churn":
		go churn()
		untilSignal()
	}
}

func someGoroutines() {
	var group sync.WaitGroup
	for range [10]struct{}{} {
		group.Add(1)
		go func() {
			defer group.Done()
			time.Sleep(time.Millisecond)
		}()
	}
	group.Wait()
}

func tick() {
	for range time.Tick(5 * time.Millisecond) {
	}
}

func churn() {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for value := range ping {
			pong <- value
		}
	}()
	for {
		ping <- 1
		<-pong
	}
}

func untilSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	fmt.Println("ready")
	fmt.Println(<-signals)
	os.Exit(5)
}
