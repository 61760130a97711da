// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * When the target's threads get a CPU and leave it. Every switch of the machine passes here, so what is not the target's
 * must leave after a few loads. Typed tracepoints (BTF) and bpf_task_pt_regs need Linux 5.15.
 *
 * Kernel structs are declared with the few fields that are read; libbpf relocates them against the running kernel's BTF
 * (CO-RE). Sources: kernel/sched/core.c (__schedule), include/linux/sched.h, arch/{x86,arm64}/include/asm/ptrace.h.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "gotape.h"
#include "ring.h"
#include "sched.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile struct sched_options options;

struct task_struct {
	int pid;
	int tgid;
	unsigned int flags;
	unsigned int __state;
} __attribute__((preserve_access_index));

struct pt_regs {
#if defined(__TARGET_ARCH_x86)
	unsigned long orig_ax;
#else
	int syscallno;
#endif
} __attribute__((preserve_access_index));

/* Thread group id -> life, when several processes are recorded. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u32);
} processes SEC(".maps");

/* Never loaded: describes the event in BTF, for the layout test. */
const struct sched_event event_layout SEC(".gotape.types") = {};

/* include/linux/sched.h; the same numbers from 4.14 on. */
#define TASK_INTERRUPTIBLE 0x1
#define TASK_UNINTERRUPTIBLE 0x2
#define TASK_STOPPED_OR_TRACED 0xc
#define TASK_DEAD 0x80
#define TASK_RTLOCK_WAIT 0x1000
#define PF_IO_WORKER 0x10
#define PF_USER_WORKER 0x4000
#define PF_KTHREAD 0x200000

/* The life of a process that is recorded, else 0. */
static __always_inline __u32 life_of(__u32 tgid)
{
	__u32 *life;

	if (options.tgid)
		return tgid == options.tgid;
	if (!tgid) /* the idle thread */
		return 0;
	life = bpf_map_lookup_elem(&processes, &tgid);
	return life && !(*life & PROCESS_LEFT) ? *life : 0;
}

static __always_inline __u8 state_of(int preempt, unsigned int state)
{
	/* A thread that was about to sleep when it was preempted still is in the run queue. */
	if (preempt || !state)
		return PREEMPTED;
	if (state & TASK_DEAD)
		return EXITED;
	if (state & TASK_STOPPED_OR_TRACED)
		return STOPPED;
	if (state & TASK_INTERRUPTIBLE)
		return SLEEPING;
	return state & (TASK_UNINTERRUPTIBLE | TASK_RTLOCK_WAIT) ? UNINTERRUPTIBLE : OTHER;
}

/* -1 outside of system calls: the kernel writes that into the registers on every other way in. */
static __always_inline __s16 syscall_of(struct task_struct *task)
{
	struct pt_regs *regs;

	/* Threads of the kernel that serve a process (io_uring) have no user registers. */
	if (task->flags & (PF_IO_WORKER | PF_USER_WORKER | PF_KTHREAD))
		return -1;
	regs = (struct pt_regs *)bpf_task_pt_regs((void *)task);
#if defined(__TARGET_ARCH_x86)
	return regs->orig_ax;
#else
	return regs->syscallno;
#endif
}

/* The tracepoint runs with interrupts off: nothing else counts on this CPU meanwhile, so plain additions do. */
static __always_inline void emit(struct gotape_counters *c, struct task_struct *task, __u32 life, __u8 state,
				 __s16 syscall)
{
	struct sched_event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e) {
		locate_loss(c);
		c->dropped++;
		return;
	}
	e->time_ns = bpf_ktime_get_ns();
	e->tid = task->pid;
	e->tgid = task->tgid;
	e->cpu = bpf_get_smp_processor_id();
	e->syscall = syscall;
	e->state = state;
	e->life = life;
	bpf_ringbuf_submit(e, BPF_RB_NO_WAKEUP);
	c->submitted++;
}

/* (bool preempt, task_struct *prev, task_struct *next, unsigned int prev_state from 5.18 on) */
SEC("tp_btf/sched_switch")
int sched_switch(__u64 *ctx)
{
	struct task_struct *prev = (struct task_struct *)ctx[1], *next = (struct task_struct *)ctx[2];
	__u32 cpu = bpf_get_smp_processor_id();
	struct gotape_counters *c = bpf_map_lookup_elem(&counters, &cpu);
	__u32 leaves, comes;
	unsigned int state;

	if (!c)
		return 0;
	c->hits++;
	leaves = control.enabled ? life_of(prev->tgid) : 0;
	comes = control.enabled ? life_of(next->tgid) : 0;
	if (!leaves && !comes) {
		c->filtered++;
		return 0;
	}
	if (leaves) {
		/* Another CPU may change __state already; where the tracepoint tells what it was, that is the truth. */
		state = options.state_argument ? (unsigned int)ctx[3] : prev->__state;
		emit(c, prev, leaves, state_of((int)ctx[0], state), syscall_of(prev));
	}
	if (comes)
		emit(c, next, comes, ON_CPU, -1);
	if (leaves && comes)
		c->paired++;
	return 0;
}

/* The first instruction of the recorded executable: only when every process of it is recorded. */
SEC("uprobe")
int process_starts(void *ctx)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32, first = 1;
	__u32 *life = bpf_map_lookup_elem(&processes, &tgid);

	if (life)
		*life = (*life & ~PROCESS_LEFT) + 1;
	else
		bpf_map_update_elem(&processes, &tgid, &first, BPF_ANY);
	return 0;
}

/* (task_struct *task, pid_t old_pid, linux_binprm *). Where the new program is recorded too, its start comes later. */
SEC("tp_btf/sched_process_exec")
int process_executes(__u64 *ctx)
{
	__u32 tgid = ((struct task_struct *)ctx[0])->tgid;
	__u32 *life = bpf_map_lookup_elem(&processes, &tgid);

	if (life)
		*life |= PROCESS_LEFT;
	return 0;
}

/* (task_struct *task). The group's leader is freed last; the number can be given to another process from here on. */
SEC("tp_btf/sched_process_free")
int process_ends(__u64 *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx[0];
	__u32 tgid = task->tgid;

	if (task->pid == task->tgid)
		bpf_map_delete_elem(&processes, &tgid);
	return 0;
}
