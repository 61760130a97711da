// Calls into C, so that the C linker lays out the executable.
package main

/*
#include <unistd.h>
static int twice(int n) { usleep(1000); return 2 * n; }
*/
import "C"

import (
	"fmt"
	"sync"
)

func caller(wait *sync.WaitGroup, n int) {
	defer wait.Done()
	fmt.Println(C.twice(C.int(n)))
}

func main() {
	var wait sync.WaitGroup
	for i := 0; i < 4; i++ {
		wait.Add(1)
		go caller(&wait, i)
	}
	wait.Wait()
}
