/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What sched.bpf.c and the recorder share; the recorder's copy is src/capture/sched/sched-layout.ts, held against BTF. */
#ifndef GOTAPE_SCHED_H
#define GOTAPE_SCHED_H

#include <linux/types.h>

/* What a thread does from now on: OsState of src/model/os-schedule.ts. */
enum sched_state {
	ON_CPU = 0,
	PREEMPTED = 1,
	SLEEPING = 2,
	UNINTERRUPTIBLE = 3,
	STOPPED = 4,
	EXITED = 5,
	OTHER = 6,
};

/* A thread got the CPU or left it. */
struct sched_event {
	__u64 time_ns;	/* CLOCK_MONOTONIC, taken after the slot was reserved */
	__u32 tid;
	__u32 tgid;
	__u16 cpu;
	__s16 syscall;	/* number of the system call that it is in when it leaves the CPU; -1 is none */
	__u8 state;	/* enum sched_state */
	__u8 reserved;
	__u16 life;	/* how often the process has begun to execute the recorded program, from 1 on */
};

/* Value of the map `processes`, besides the life: it executes another program. */
#define PROCESS_LEFT 0x80000000

/* 32-bit words, set before load. */
struct sched_options {
	__u32 tgid;		/* the one process, 0: those of the map `processes` */
	__u32 state_argument;	/* 1: the tracepoint hands the state of the leaving thread over (Linux 5.18+) */
};

#endif
