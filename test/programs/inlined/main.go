// Prints the return addresses of a stack with inlined calls in it, and the frames that Go's runtime makes of them, as JSON.
package main

import (
	"encoding/json"
	"os"
	"runtime"
)

type frame struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
}

//go:noinline
func report() {
	pcs := make([]uintptr, 32)
	pcs = pcs[:runtime.Callers(0, pcs)]
	var frames []frame
	for next := runtime.CallersFrames(pcs); ; {
		found, more := next.Next()
		frames = append(frames, frame{found.Function, found.File, found.Line})
		if !more {
			break
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"pcs": pcs, "frames": frames}); err != nil {
		panic(err)
	}
}

// These three are inlined into outermost.
func inner()  { report() }
func middle() { inner() }
func outer()  { middle() }

//go:noinline
func outermost(each func()) {
	outer()
	each()
}

func main() {
	outermost(func() {})
}
