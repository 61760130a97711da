// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Uprobes on the Go runtime's own changes of goroutine state. Each hit becomes one event in the ring buffer.
 * What is read, and where it stands in Go's sources: g.atomicstatus, g.goid, g.waitreason, g.m, g.startpc, g.gopc,
 * m.curg, m.p, p.id, and with stacks g.stack and g.sched.bp, of runtime/runtime2.go.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "gotape.h"
#include "regs.h"
#include "ring.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Set by the recorder before load, so that the verifier sees constants. */
const volatile struct gotape_layout layout;

/* Never loaded: libbpf skips the section. It makes the compiler describe the event in BTF, for the layout test. */
const struct gotape_event event_layout SEC(".gotape.types") = {};
const struct gotape_stack stack_layout SEC(".gotape.types") = {};
const struct gotape_labels labels_layout SEC(".gotape.types") = {};

/* Goroutine states, runtime/runtime2.go. */
enum { IDLE = 0, RUNNABLE = 1, RUNNING = 2, SYSCALL = 3, WAITING = 4, DEAD = 6, PREEMPTED = 9 };
#define SCAN 0x1000

#include "stacks.h"
#include "labels.h"

/*
 * Reads of user memory are most of what an event costs beyond an empty uprobe (about 65 ns each, measured on Linux 6.18
 * with hardened usercopy), so each one takes all that it can. Of runtime.g: from g.m to g.waitreason.
 */
#define G_WORDS 18
struct g_part {
	__u64 words[G_WORDS];
};

/* Of runtime.m: from m.g0 (offset 0) to m.p. */
#define M_WORDS 28
struct m_part {
	__u64 words[M_WORDS];
};

#define G_BYTES (layout.g_status + 40 - layout.g_m)
#define M_BYTES (layout.m_p + 8)
#define G_WORD(part, offset) ((part)->words[((offset) - layout.g_m) / 8])
#define M_WORD(part, offset) ((part)->words[(offset) / 8])

/* What an event takes from its g. */
struct g_facts {
	__u64 m;
	__u64 sched_bp;
	__u64 goid;
	__u32 status;
	__u8 reason;
};

static __always_inline int read_user(void *to, __u32 size, __u64 from)
{
	return bpf_probe_read_user(to, size, (const void *)from);
}

/*
 * The copy is gone on return: the M is read into the same bytes. A program and the functions it calls have 512 bytes of
 * stack together (before Linux 6.13).
 */
static __always_inline int read_g(struct g_facts *facts, __u64 g)
{
	struct g_part part;

	if (read_user(&part, G_BYTES, g + layout.g_m))
		return -1;
	facts->m = G_WORD(&part, layout.g_m);
	facts->sched_bp = G_WORD(&part, layout.g_sched_bp);
	facts->goid = G_WORD(&part, layout.g_status + 8);
	facts->status = G_WORD(&part, layout.g_status);
	facts->reason = G_WORD(&part, layout.g_status + 32);
	return 0;
}

/* Counts the hit; NULL when recording is off. */
static __always_inline struct gotape_counters *count_hit(void)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct gotape_counters *c = bpf_map_lookup_elem(&counters, &cpu);

	if (!c)
		return 0;
	COUNT(c->hits);
	if (control.enabled)
		return c;
	COUNT(c->filtered);
	return 0;
}

/*
 * The thread's M, which knows who runs on it and with which P. The current g is g0 or the goroutine itself.
 * A g0 belongs to one M: the last pair of this CPU is tried first, and believed only when the M itself names this g0 and
 * this thread. In a pid namespace it never does (m.procid is the inner id), then g.m is read every time.
 */
static __always_inline int read_place(struct gotape_counters *c, struct m_part *m, __u64 current_g, __u64 known_m, __u32 tid)
{
	__u64 address = known_m;

	if (!address && c->cached_g0 == current_g) {
		address = c->cached_m;
		if (!read_user(m, M_BYTES, address) && m->words[0] == current_g && (__u32)M_WORD(m, layout.m_procid) == tid)
			return 0;
		address = 0;
	}
	if (!address && read_user(&address, sizeof(address), current_g + layout.g_m))
		return -1;
	if (read_user(m, M_BYTES, address))
		return -1;
	if (m->words[0] == current_g) {
		c->cached_g0 = current_g;
		c->cached_m = address;
	}
	return 0;
}

struct details {
	__u64 waker;
	__u64 pc;
	__u64 extra;
	__u16 p;
};

/* The id of a P never changes. The cache is one word, address and id, so that no interleaving can mix two Ps. */
static __always_inline int read_p(struct gotape_counters *c, struct details *d, __u64 p)
{
	__u64 cached = c->cached_p;
	__u32 id;

	if (!p)
		return 0;
	if (layout.tgid && cached >> 16 == p) {
		d->p = cached;
		return 0;
	}
	if (read_user(&id, sizeof(id), p + layout.p_id))
		return -1;
	d->p = id;
	c->cached_p = p << 16 | (__u16)id;
	return 0;
}

static __always_inline int read_return_address(struct details *d, const struct gotape_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return read_user(&d->pc, sizeof(d->pc), regs->sp + layout.return_slot);
#else
	d->pc = regs->regs[30];
	return 0;
#endif
}

static __always_inline int read_waker(struct details *d, __u64 curg)
{
	return read_user(&d->waker, sizeof(d->waker), curg + layout.g_status + 8);
}

/* Only what this change of state can tell. `known_m`: the M, when the goroutine itself is the current g; else 0. */
static __always_inline int read_details(struct gotape_counters *c, struct details *d, const struct gotape_regs *regs, __u64 g,
					__u64 known_m, __u32 tid, __u32 from, __u32 to)
{
	struct m_part m;
	__u64 curg;
	int err = 0, tells_p;

	if (layout.check_park && from == RUNNING && to == WAITING)
		err |= read_return_address(d, regs);
	/* A goroutine that leaves a system call runs before it has a P (Go 1.26+): where it gets none tells running->runnable. */
	tells_p = to == RUNNING || (from == RUNNING && to == RUNNABLE);
	if (!tells_p && from != DEAD && !(from == WAITING && to == RUNNABLE))
		return err;
	if (read_place(c, &m, GO_G(regs), known_m, tid))
		return -1;
	if (tells_p)
		return err | read_p(c, d, M_WORD(&m, layout.m_p));
	curg = M_WORD(&m, layout.m_curg);
	if (curg)
		err |= read_waker(d, curg);
	else if (from == WAITING)
		err |= read_return_address(d, regs);
	if (from == DEAD) {
		err |= read_user(&d->pc, sizeof(d->pc), g + layout.g_startpc);
		err |= read_user(&d->extra, sizeof(d->extra), g + layout.g_gopc);
	}
	return err;
}

/*
 * newproc1 copies the creator's labels into the new g before it changes its state, but for goroutines of the runtime's own
 * and those that no goroutine creates. These have none, and where the field lies on a page that nobody has written yet, it
 * cannot be read.
 */
static __always_inline void inherit_labels(struct gotape_counters *c, __u64 g, __u32 to)
{
	__u64 labels = 0;

	if (to != RUNNABLE && to != WAITING)
		return;
	if (!read_user(&labels, sizeof(labels), g + layout.g_labels) && labels)
		record_labels(c, g, labels, 1);
}

static __always_inline void emit(struct gotape_counters *c, const struct gotape_regs *regs, __u64 g, __u32 from, __u32 to,
				 __u8 probe)
{
	struct details d = {};
	struct gotape_event *e;
	struct g_facts facts;
	__u64 pid_tgid = bpf_get_current_pid_tgid(), known_m;

	d.p = GOTAPE_NO_P;
	if (layout.tgid && layout.tgid != (__u32)(pid_tgid >> 32)) {
		COUNT(c->filtered);
		return;
	}
	if (read_g(&facts, g)) {
		locate_loss(c);
		COUNT(c->faulted);
		return;
	}
	known_m = g == GO_G(regs) ? facts.m : 0;
	if (layout.labels && (from & 0xff) == DEAD)
		inherit_labels(c, g, to & 0xff);
	if (read_details(c, &d, regs, g, known_m, (__u32)pid_tgid, from & 0xff, to & 0xff))
		COUNT(c->partial);
	if (layout.stacks && from == RUNNING && (to == WAITING || to == SYSCALL)) {
		/* On its own stack the frame pointer is live; off it, on g0, it was put aside. */
		__u64 bp = GO_BP(regs);

		asm volatile("" : "+r"(bp)); /* else the compiler computes an address from the context, which is forbidden */
		if (g != GO_G(regs))
			bp = facts.sched_bp;
		d.extra = record_stack(c, g, bp, pid_tgid >> 32);
	}
	e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e) {
		locate_loss(c);
		COUNT(c->dropped);
		return;
	}
	e->time_ns = bpf_ktime_get_ns();
	e->g = g;
	e->goid = facts.goid;
	e->waker = d.waker;
	e->pc = d.pc;
	e->extra = d.extra;
	e->tid = (__u32)pid_tgid;
	e->tgid = pid_tgid >> 32;
	e->cpu = bpf_get_smp_processor_id();
	e->p = d.p;
	e->from = from;
	e->to = to;
	e->reason = facts.reason;
	e->probe = (facts.status & ~SCAN) == (from & ~SCAN) ? probe : probe | PROBE_STATUS_MISMATCH;
	bpf_ringbuf_submit(e, BPF_RB_NO_WAKEUP);
	COUNT(c->submitted);
}

/* casgstatus(gp *g, oldval, newval uint32) and its two siblings for preemption have the same arguments. */
static __always_inline int change(struct gotape_regs *regs, __u8 probe)
{
	struct gotape_counters *c = count_hit();
	__u32 from = GO_ARG2(regs), to = GO_ARG3(regs);

	if (!c)
		return 0;
	if (from == IDLE) { /* newproc1 makes a g: it is no goroutine yet and has no id */
		COUNT(c->filtered);
		return 0;
	}
	emit(c, regs, GO_ARG1(regs), from, to, probe);
	return 0;
}

SEC("uprobe")
int casgstatus(struct gotape_regs *regs)
{
	return change(regs, PROBE_CASGSTATUS);
}

SEC("uprobe")
int preempt_scan(struct gotape_regs *regs)
{
	return change(regs, PROBE_PREEMPT_SCAN);
}

SEC("uprobe")
int from_preempted(struct gotape_regs *regs)
{
	return change(regs, PROBE_FROM_PREEMPTED);
}

/* casfrom_Gscanstatus drops the scan bit; only on a preempted goroutine does that end a change of state. */
SEC("uprobe")
int from_scan(struct gotape_regs *regs)
{
	struct gotape_counters *c = count_hit();

	if (!c)
		return 0;
	if ((__u32)GO_ARG2(regs) != (SCAN | PREEMPTED) || (__u32)GO_ARG3(regs) != PREEMPTED) {
		COUNT(c->filtered);
		return 0;
	}
	emit(c, regs, GO_ARG1(regs), PREEMPTED, PREEMPTED, PROBE_FROM_SCAN);
	return 0;
}

static __always_inline int current_changes(struct gotape_regs *regs, __u32 from, __u32 to, __u8 probe)
{
	struct gotape_counters *c = count_hit();

	if (!c)
		return 0;
	emit(c, regs, GO_G(regs), from, to, probe);
	return 0;
}

/* Go 1.26+: reentersyscall and exitsyscall change the state by a CAS of their own. */
SEC("uprobe")
int enter_syscall(struct gotape_regs *regs)
{
	return current_changes(regs, RUNNING, SYSCALL, PROBE_ENTER_SYSCALL);
}

SEC("uprobe")
int exit_syscall(struct gotape_regs *regs)
{
	return current_changes(regs, SYSCALL, RUNNING, PROBE_EXIT_SYSCALL);
}

/*
 * coroswitch_m (iter.Pull) hands the thread from one goroutine to another: two changes by one hit.
 * With g.coroexit set the leaving goroutine dies through casgstatus instead, which has its own probe.
 */
SEC("uprobe")
int coroswitch(struct gotape_regs *regs)
{
	struct gotape_counters *c = count_hit();
	__u64 leaving = GO_ARG1(regs), coro = 0, next = 0;
	__u8 exiting = 0;

	if (!c)
		return 0;
	if (read_user(&exiting, 1, leaving + layout.g_coroexit) || read_user(&coro, sizeof(coro), leaving + layout.g_coroarg) ||
	    read_user(&next, sizeof(next), coro)) {
		locate_loss(c);
		COUNT(c->faulted);
		return 0;
	}
	if (!exiting) {
		emit(c, regs, leaving, RUNNING, WAITING, PROBE_COROSWITCH);
		COUNT(c->paired);
	}
	emit(c, regs, next, WAITING, RUNNING, PROBE_COROSWITCH);
	return 0;
}

/* runtime/pprof.runtime_setProfLabel(labels unsafe.Pointer): no change of state, so no hit. */
SEC("uprobe")
int set_labels(struct gotape_regs *regs)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct gotape_counters *c = bpf_map_lookup_elem(&counters, &cpu);

	if (!c || !control.enabled || (layout.tgid && layout.tgid != (__u32)(bpf_get_current_pid_tgid() >> 32)))
		return 0;
	return record_labels(c, GO_G(regs), GO_ARG1(regs), 0);
}

/* A program that does nothing: what a uprobe costs by itself. Only benchmarks attach it. */
SEC("uprobe")
int empty(void *ctx)
{
	return 0;
}
