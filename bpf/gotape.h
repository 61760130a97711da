/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the BPF programs and the recorder share: the event, the counters, the constants set before load.
 * The recorder's copy of these layouts is src/capture/bpf-layout.ts; a test holds it against the object's BTF,
 * so that the two sides cannot drift apart.
 */
#ifndef GOTAPE_H
#define GOTAPE_H

#include <linux/types.h>

/* Which probe wrote an event. The high bit: g.atomicstatus in memory was not the state that the arguments claim. */
enum gotape_probe {
	PROBE_CASGSTATUS = 0,
	PROBE_PREEMPT_SCAN = 1,
	PROBE_FROM_PREEMPTED = 2,
	PROBE_FROM_SCAN = 3,
	PROBE_ENTER_SYSCALL = 4,
	PROBE_EXIT_SYSCALL = 5,
	PROBE_COROSWITCH = 6,
	PROBE_STATUS_MISMATCH = 0x80,
};

#define GOTAPE_NO_P 0xffff

/* One change of state, 64 bytes: with the ring buffer's header one and an eighth cache line. */
struct gotape_event {
	__u64 time_ns;	/* CLOCK_MONOTONIC, taken after the slot was reserved */
	__u64 g;	/* address of the runtime.g */
	__u64 goid;	/* as it stands in g; stale on dead->runnable up to Go 1.23 */
	__u64 waker;	/* goid of the goroutine that runs on this thread (m.curg); 0 is none */
	__u64 pc;	/* dead->runnable: g.startpc; waiting->runnable without a waker, running->waiting
			 * with layout.check_park: casgstatus' return address; else 0 */
	__u64 extra;	/* dead->runnable: g.gopc; running->waiting, running->syscall with layout.stacks: hash of
			 * the stack (struct gotape_stack), 0 when it was lost; else 0 */
	__u32 tid;
	__u32 tgid;
	__u16 cpu;
	__u16 p;	/* on changes to running, and from running to runnable: id of the P of this
			 * thread, GOTAPE_NO_P when it has none */
	__u8 from;
	__u8 to;
	__u8 reason;	/* g.waitreason */
	__u8 probe;	/* enum gotape_probe */
};

#define GOTAPE_STACK_FRAMES 64

/* How the walk of a stack ended. */
enum gotape_stack_end {
	STACK_ROOT = 0,	/* no caller is left */
	STACK_CUT = 1,	/* after GOTAPE_STACK_FRAMES frames */
	STACK_LEFT = 2,	/* the frame pointer points out of the goroutine's stack (C code), or backwards */
	STACK_UNREADABLE = 3,
};

/*
 * Other records of the ring buffer are no multiple of 8 bytes long, and so told from events: these bytes are added to
 * their length and mean nothing.
 */
#define GOTAPE_STACK_MARK 4
#define GOTAPE_LABELS_MARK 2

/* Defines a stack, before the first event that names it by its hash; perhaps more than once. */
struct gotape_stack {
	__u64 hash;
	__u32 tgid;
	__u16 count;
	__u16 end;	/* enum gotape_stack_end */
	__u64 pcs[GOTAPE_STACK_FRAMES + 1]; /* return addresses, the innermost first; `count` of them */
};

/* Of a goroutine; of each label that is longer or beyond them, as much as fits. */
#define GOTAPE_LABELS 16
#define LABEL_KEY_BYTES 128
#define LABEL_VALUE_BYTES 512
#define LABELS_TEXT_BYTES 4096
#define LABELS_RAW_WORDS (GOTAPE_LABELS * 4)

/* Labels that a goroutine gets: by runtime/pprof, or with its creation, whose event follows. */
struct gotape_labels {
	__u64 time_ns;
	__u64 g;
	__u64 goid;	/* of a creation up to Go 1.23 stale, as in the event */
	__u32 tgid;
	__u16 count;
	__u8 created;
	__u8 incomplete; /* there were more, or longer ones */
	__u8 text[LABELS_TEXT_BYTES + 8]; /* key, value, key, …: each its length (u16) and its bytes */
};

/*
 * One per CPU, in an array map that the recorder mmaps. hits + paired = submitted + dropped + faulted + filtered, exactly:
 * every hit takes one of the four ways (the second record of a coroswitch hit is counted in `paired`).
 */
struct gotape_counters {
	__u64 hits;
	__u64 paired;
	__u64 submitted;
	__u64 dropped;		/* ring buffer full */
	__u64 faulted;		/* the g could not be read */
	__u64 filtered;		/* another process, before the start, after the end, a g that is no
				 * goroutine, a scan bit that goes */
	__u64 partial;		/* submitted without waker, P or origin: their memory could not be read */
	__u64 loss_epoch;	/* gotape_control.epoch at the last loss */
	__u64 loss_first_ns;	/* first and last loss of that epoch */
	__u64 loss_last_ns;
	/* What this CPU read last, so that it need not be read again: see read_place() and p_id(). */
	__u64 cached_g0;
	__u64 cached_m;
	__u64 cached_p;
	/* Records besides events: not part of `hits`. */
	__u64 stacks;
	__u64 stacks_lost;	/* events whose stack could not be read or defined */
	__u64 labels;
	__u64 labels_lost;
	__u64 reserved[7];	/* to three cache lines: no false sharing between CPUs */
};

/* Written by the recorder, read by every hit. */
struct gotape_control {
	__u64 epoch;	/* counts up at every drain, so that losses are located to one drain interval */
	__u32 enabled;	/* 0 while probes come and go one by one: a stream that lacks some would look consistent */
	__u32 reserved;
};

/* Byte offsets in the target's runtime, different per Go version. g.goid = status + 8 and g.waitreason = status + 24 in all. */
struct gotape_layout {
	__u32 g_m;
	__u32 g_status;
	__u32 g_gopc;
	__u32 g_startpc;
	__u32 g_coroarg;
	__u32 g_coroexit;
	__u32 m_procid;
	__u32 m_curg;
	__u32 m_p;
	__u32 p_id;
	__u32 return_slot;	/* distance of the return address from SP at the casgstatus probe */
	__u32 check_park;	/* 1: running->waiting carries the return address (Go 1.19: tells stale wait reasons) */
	__u32 tgid;		/* the one process to record, 0 for all */
	__u32 stacks;		/* 1: with stacks */
	__u32 g_sched_bp;
	__u32 g_labels;
	__u32 labels;		/* enum gotape_labels_kind */
};

/* What g.labels points to. */
enum gotape_labels_kind {
	LABELS_NONE = 0,	/* the program never sets any */
	LABELS_MAP = 1,		/* up to Go 1.23 */
	LABELS_SLICE = 2,
};

#endif
