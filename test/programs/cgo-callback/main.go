// Calls into C from goroutines, and calls back into Go from a thread that C made.
// Prints how many callbacks there were.
package main

/*
#cgo LDFLAGS: -lpthread
#include <pthread.h>
#include <unistd.h>

extern void goCallback(int);

static int twice(int n) { usleep(200); return 2 * n; }

static void *thread(void *arg) {
	for (int i = 0; i < 50; i++) {
		goCallback(i);
		usleep(500);
	}
	return 0;
}

static void callFromThread(void) {
	pthread_t id;
	pthread_create(&id, 0, thread, 0);
	pthread_join(id, 0);
}
*/
import "C"

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

var callbacks atomic.Int64

//go:noinline
//export goCallback
func goCallback(n C.int) {
	callbacks.Add(1)
	if n%5 == 0 {
		time.Sleep(time.Millisecond)
	}
}

func caller(wait *sync.WaitGroup) {
	defer wait.Done()
	for i := 0; i < 200; i++ {
		C.twice(C.int(i))
	}
}

func main() {
	var wait sync.WaitGroup
	for i := 0; i < 4; i++ {
		wait.Add(1)
		go caller(&wait)
	}
	for i := 0; i < 2; i++ {
		C.callFromThread()
	}
	wait.Wait()
	fmt.Println(callbacks.Load())
}
