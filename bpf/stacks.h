/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Stacks of goroutines by their frame pointers: at `bp` lie the caller's frame pointer and the return address into it, in
 * every Go release since 1.7 on amd64 and 1.12 on arm64 (runtime/tracestack.go, fpTracebackPCs).
 */
#ifndef GOTAPE_STACKS_H
#define GOTAPE_STACKS_H

#include "scratch.h"

/* Hashes of stacks that were defined in the ring buffer. One that was evicted is defined again. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384); /* 1 where stacks are not recorded */
	__type(key, __u64);
	__type(value, __u32);
} defined_stacks SEC(".maps");

/* Fills s->stack but for its hash, which it returns. */
static __always_inline __u64 walk_stack(struct scratch *s, __u64 bp, __u32 tgid)
{
	__u64 hash = tgid, base = 0, length = 0;
	__u32 count = 0;
	__u16 end = STACK_CUT;

	for (__u32 i = 0; i < GOTAPE_STACK_FRAMES; i++) {
		__u64 at = bp - base, next, pc;

		if (bp < s->low || bp + 16 > s->high || (bp & 7)) {
			end = STACK_LEFT;
			break;
		}
		if (!length || at > length - 16) {
			length = s->high - bp;
			if (length > STACK_CHUNK)
				length = STACK_CHUNK;
			if (bpf_probe_read_user(s->chunk, length, (const void *)bp)) {
				end = STACK_UNREADABLE;
				break;
			}
			base = bp;
			at = 0;
		}
		at = (at / 8) & (STACK_CHUNK / 8 - 1);
		next = s->chunk[at];
		pc = s->chunk[at + 1];
		s->stack.pcs[i] = pc;
		count = i + 1;
		hash = (hash ^ pc) * 0x9e3779b97f4a7c15ull;
		hash ^= hash >> 29;
		if (!next) {
			end = STACK_ROOT;
			break;
		}
		if (next <= bp) { /* callers lie higher: this is no frame pointer */
			end = STACK_LEFT;
			break;
		}
		bp = next;
	}
	hash = (hash ^ end) * 0x9e3779b97f4a7c15ull;
	s->stack.count = count;
	s->stack.end = end;
	return hash >> 11 ?: 1; /* the upper 53 bits: exact as a number of the recorder */
}

/*
 * The stack's hash, defined in the ring buffer before the event that names it; 0 when it could not be.
 * Two stacks of one hash would be taken for one: with 53 bits and 20,000 different stacks a chance of 1 in 45 million.
 */
static __noinline __u64 record_stack(struct gotape_counters *c, __u64 g, __u64 bp, __u32 tgid)
{
	struct scratch *s = take_scratch();
	__u64 hash = 0;
	__u32 known = 1, size;

	if (!s) {
		COUNT(c->stacks_lost);
		return 0;
	}
	/* g.stack is the first field of runtime.g: stack.lo, stack.hi. */
	if (bpf_probe_read_user(&s->low, 16, (const void *)g)) {
		COUNT(c->stacks_lost);
		goto out;
	}
	hash = walk_stack(s, bp, tgid);
	if (bpf_map_lookup_elem(&defined_stacks, &hash))
		goto out;
	s->stack.hash = hash;
	s->stack.tgid = tgid;
	size = s->stack.count;
	if (size > GOTAPE_STACK_FRAMES) /* never: for the verifier */
		size = GOTAPE_STACK_FRAMES;
	size = __builtin_offsetof(struct gotape_stack, pcs) + 8 * size + GOTAPE_STACK_MARK;
	if (bpf_ringbuf_output(&events, &s->stack, size, BPF_RB_NO_WAKEUP)) {
		COUNT(c->stacks_lost);
		hash = 0;
		goto out;
	}
	COUNT(c->stacks);
	bpf_map_update_elem(&defined_stacks, &hash, &known, BPF_ANY);
out:
	give_back(s);
	return hash;
}

#endif
