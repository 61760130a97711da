/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Memory for programs that need more than their 512 bytes of stack: records of variable length are put together here and
 * then copied into the ring buffer.
 */
#ifndef GOTAPE_SCRATCH_H
#define GOTAPE_SCRATCH_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "gotape.h"

/* Uprobe programs stay on their CPU but can be preempted by another one there: a few places for each CPU. */
#define SCRATCH_PLACES 4

/* Read from a goroutine's stack at once. A read costs 65 ns, four of five stacks end within it. A power of two. */
#define STACK_CHUNK 1024

struct scratch {
	__u64 busy;
	__u64 low, high; /* g.stack */
	__u32 text_end, reserved;
	union {
		struct {
			struct gotape_stack stack;
			__u64 chunk[STACK_CHUNK / 8 + 2];
		};
		struct {
			struct gotape_labels labels;
			__u64 raw[LABELS_RAW_WORDS];
		};
	};
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SCRATCH_PLACES);
	__type(key, __u32);
	__type(value, struct scratch);
} scratch_places SEC(".maps");

static __always_inline struct scratch *take_scratch(void)
{
	for (__u32 i = 0; i < SCRATCH_PLACES; i++) {
		__u32 key = i;
		struct scratch *s = bpf_map_lookup_elem(&scratch_places, &key);

		if (s && __sync_lock_test_and_set(&s->busy, 1) == 0)
			return s;
	}
	return 0;
}

static __always_inline void give_back(struct scratch *s)
{
	*(volatile __u64 *)&s->busy = 0;
}

#endif
