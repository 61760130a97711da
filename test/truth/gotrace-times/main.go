// Reads a runtime/trace with Go's own reader and prints what each goroutine did, as JSON, so that it can be held against a
// trace of the same run that was recorded from outside.
//
//	{"reasons":["", "chan receive", …],
//	 "goroutines":[{"goid":18,"times":[…],"spans":[startNs,endNs,state,reason, …]}]}
//
// Times are CLOCK_MONOTONIC in ns (Go 1.22 and later), relative to -base. States are those of x/exp/trace: 1 not existing,
// 2 runnable, 3 running, 4 waiting, 5 in a system call. A span that has no certain beginning or end is left out: the
// reader learns the state of an idle goroutine only at the end of a generation. "times" are sums by state.
//
// With -totals, all time is accounted for, from the first event of the trace or the goroutine to the last one, and spans
// are not printed, for every file a line: {"goroutines":[{"goid":18,"name":"main.worker","totals":{"running":12,"waiting: select":3}}]}
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log"
	"os"
	"strings"

	"golang.org/x/exp/trace"
)

type goroutine struct {
	Goid  int64    `json:"goid"`
	Times [6]int64 `json:"times"`
	// Flat, four numbers a span: there are hundreds of thousands.
	Spans []int64 `json:"spans"`

	Name   string           `json:"name,omitempty"`
	Totals map[string]int64 `json:"totals,omitempty"`

	state   trace.GoState
	reason  int64
	sinceNs int64
	known   bool
}

type output struct {
	Reasons    []string     `json:"reasons"`
	Goroutines []*goroutine `json:"goroutines"`
}

type collector struct {
	baseNs    int64
	totals    bool
	firstNs   int64
	lastNs    int64
	reasons   map[string]int64
	byID      map[trace.GoID]*goroutine
	collected output
}

func main() {
	baseNs := flag.Int64("base", 0, "CLOCK_MONOTONIC at time 0, ns")
	totals := flag.Bool("totals", false, "account for all time, without spans")
	flag.Parse()
	out := json.NewEncoder(os.Stdout)
	for _, name := range flag.Args() {
		collected, err := read(name, *baseNs, *totals)
		if err != nil {
			log.Fatalf("%s: %v", name, err)
		}
		if err := out.Encode(collected); err != nil {
			log.Fatal(err)
		}
	}
}

func read(name string, baseNs int64, totals bool) (output, error) {
	file, err := os.Open(name)
	if err != nil {
		return output{}, err
	}
	defer file.Close()
	reader, err := trace.NewReader(file)
	if err != nil {
		return output{}, err
	}
	c := collector{
		baseNs:    baseNs,
		totals:    totals,
		firstNs:   -1,
		reasons:   map[string]int64{"": 0},
		byID:      map[trace.GoID]*goroutine{},
		collected: output{Reasons: []string{""}, Goroutines: []*goroutine{}},
	}
	for {
		event, err := reader.ReadEvent()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return output{}, err
		}
		c.lastNs = int64(event.Time()) - c.baseNs
		if c.firstNs < 0 {
			c.firstNs = c.lastNs
		}
		if event.Kind() == trace.EventStateTransition {
			c.transition(c.lastNs, event.StateTransition())
		}
	}
	if totals {
		for _, g := range c.byID {
			c.account(g, c.lastNs)
		}
	}
	return c.collected, nil
}

func (c *collector) transition(timeNs int64, change trace.StateTransition) {
	if change.Resource.Kind != trace.ResourceGoroutine {
		return
	}
	from, to := change.Goroutine()
	if from == to { // the state, told again at the start of a generation
		return
	}
	g := c.goroutine(change.Resource.Goroutine())
	if g.Name == "" {
		for frame := range change.Stack.Frames() {
			g.Name = frame.Func
		}
	}
	if c.totals {
		if from == trace.GoUndetermined {
			g.state, g.sinceNs, g.known = to, c.firstNs, true
			return
		}
		c.account(g, timeNs)
		g.state, g.sinceNs, g.reason, g.known = to, timeNs, c.reason(change.Reason), true
		return
	}
	if g.known {
		g.Times[g.state] += timeNs - g.sinceNs
		g.Spans = append(g.Spans, g.sinceNs, timeNs, int64(g.state), g.reason)
	}
	// A state that is told for the first time began earlier.
	g.known = from != trace.GoUndetermined && to != trace.GoNotExist
	g.state, g.sinceNs, g.reason = to, timeNs, c.reason(change.Reason)
}

func (c *collector) account(g *goroutine, untilNs int64) {
	if !g.known || g.state == trace.GoNotExist {
		return
	}
	name := strings.ToLower(g.state.String())
	if g.state == trace.GoWaiting {
		name += ": " + c.collected.Reasons[g.reason]
	}
	if g.Totals == nil {
		g.Totals = map[string]int64{}
	}
	g.Totals[name] += untilNs - g.sinceNs
}

func (c *collector) goroutine(id trace.GoID) *goroutine {
	g := c.byID[id]
	if g == nil {
		g = &goroutine{Goid: int64(id), Spans: []int64{}}
		c.byID[id] = g
		c.collected.Goroutines = append(c.collected.Goroutines, g)
	}
	return g
}

func (c *collector) reason(text string) int64 {
	number, known := c.reasons[text]
	if !known {
		number = int64(len(c.collected.Reasons))
		c.reasons[text] = number
		c.collected.Reasons = append(c.collected.Reasons, text)
	}
	return number
}
