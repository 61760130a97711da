/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What every object of ours has: a ring buffer for its events, counters for each CPU, and a switch. The recorder finds the
 * maps by these names (src/capture/bpf-file.ts).
 */
#ifndef GOTAPE_RING_H
#define GOTAPE_RING_H

#include <bpf/bpf_helpers.h>
#include "gotape.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20); /* resized before load */
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* resized to the number of possible CPUs */
	__type(key, __u32);
	__type(value, struct gotape_counters);
} counters SEC(".maps");

/* In .bss, which libbpf makes a map that can be mmapped: read here without a lookup. */
volatile struct gotape_control control;

/* A uprobe program can be preempted and another one run on its CPU: plain increments would be lost. */
#define COUNT(counter) __sync_fetch_and_add(&(counter), 1)

/* Times before counts: who reads a count finds times that cover it. */
static __always_inline void locate_loss(struct gotape_counters *c)
{
	__u64 now = bpf_ktime_get_ns(), epoch = control.epoch;

	if (c->loss_epoch != epoch) {
		c->loss_first_ns = now;
		c->loss_epoch = epoch;
	}
	c->loss_last_ns = now;
}

#endif
