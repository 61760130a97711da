// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Uprobes on functions of the target that the user asked for: behind the stack check of each, and on each of its RET
 * instructions. Never uretprobes: they put an address of their own on the stack, which Go's runtime walks and moves.
 *
 * A frame is known by the distance from the high end of its stack, because Go copies a stack that must grow with
 * everything in it at the same distance from there (copystack of runtime/stack.go). g.stack.hi is the second word of
 * every runtime.g.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "gotape.h"
#include "calls.h"
#include "regs.h"
#include "ring.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Set by the recorder before load. */
const volatile struct gotape_call_layout layout;

/* Never loaded: they make the compiler describe the structs in BTF, for the layout test. */
const struct gotape_call_strings strings_layout SEC(".gotape.types") = {};

/* Of runtime.g: from its start to goid. */
#define G_WORDS 22
struct g_part {
	__u64 words[G_WORDS];
};
#define G_BYTES (layout.g_goid + 8)
#define G_WORD(part, offset) ((part)->words[(offset) / 8])
#define STACK_LO(part) G_WORD(part, 0)
#define STACK_HI(part) G_WORD(part, 8)
#define GOID(part) G_WORD(part, layout.g_goid)

/*
 * The cookie of a probe: its number in the low 16 bits; then, 16 bits, how far SP is below the return address; then the
 * numbers of the registers, plus one, that hold the addresses of strings, 5 bits each.
 */
#define COOKIE_PROBE(cookie) ((__u32)(cookie) & 0xffff)
#define COOKIE_SP(cookie) ((__u32)((cookie) >> 16) & 0xffff)
#define COOKIE_STRING(cookie, n) ((__u32)((cookie) >> (32 + 5 * (n))) & 31)

static __always_inline int read_user(void *to, __u32 size, __u64 from)
{
	return bpf_probe_read_user(to, size, (const void *)from);
}

/* Counts the hit; NULL when it is not to be recorded. */
static __always_inline struct gotape_counters *count_hit(void)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct gotape_counters *c = bpf_map_lookup_elem(&counters, &cpu);

	if (!c)
		return 0;
	COUNT(c->hits);
	if (control.enabled && (!layout.tgid || layout.tgid == (__u32)(bpf_get_current_pid_tgid() >> 32)))
		return c;
	COUNT(c->filtered);
	return 0;
}

static __always_inline int lost(struct gotape_counters *c, __u64 *counter)
{
	locate_loss(c);
	COUNT(*counter);
	return 0;
}

/*
 * What R14 points to, false when it is no goroutine: a g0 or gsignal, which have no id. On a system stack the scheduler
 * leaves frames for good, without a RET, so that no end of a call could be told.
 */
static __always_inline int read_goroutine(struct gotape_counters *c, struct g_part *part, __u64 g)
{
	if (read_user(part, G_BYTES, g))
		return lost(c, &c->faulted);
	if (GOID(part))
		return 1;
	COUNT(c->filtered);
	return 0;
}

static __always_inline void fill(struct gotape_call *e, __u64 g, const struct g_part *part, __u64 sp, __u32 probe,
				 __u8 kind)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();

	e->time_ns = bpf_ktime_get_ns();
	e->g = g;
	e->goid = GOID(part);
	e->tid = (__u32)pid_tgid;
	e->tgid = pid_tgid >> 32;
	e->depth = (__u32)(STACK_HI(part) - sp);
	e->probe = probe;
	e->kind = kind;
	__builtin_memset(e->reserved, 0, sizeof(e->reserved));
}

static __always_inline void fill_regs(struct gotape_call_entry *e, const struct gotape_regs *r)
{
#if defined(__TARGET_ARCH_x86)
	e->regs[0] = r->ax;
	e->regs[1] = r->bx;
	e->regs[2] = r->cx;
	e->regs[3] = r->di;
	e->regs[4] = r->si;
	e->regs[5] = r->r8;
	e->regs[6] = r->r9;
	e->regs[7] = r->r10;
	e->regs[8] = r->r11;
#else
#pragma unroll
	for (int i = 0; i < CALL_REGS; i++)
		e->regs[i] = r->regs[i];
#endif
}

static __always_inline void submit(struct gotape_counters *c, void *e)
{
	bpf_ringbuf_submit(e, BPF_RB_NO_WAKEUP);
	COUNT(c->submitted);
}

SEC("uprobe")
int call_entry(struct gotape_regs *regs)
{
	struct gotape_counters *c = count_hit();
	__u64 cookie = bpf_get_attach_cookie(regs);
	struct gotape_call_entry *e;
	struct g_part part;

	if (!c)
		return 0;
	if (!read_goroutine(c, &part, GO_G(regs)))
		return 0;
	e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e)
		return lost(c, &c->dropped);
	fill(&e->call, GO_G(regs), &part, regs->sp + COOKIE_SP(cookie), COOKIE_PROBE(cookie), CALL_ENTRY);
	fill_regs(e, regs);
	submit(c, e);
	return 0;
}

static __always_inline __u32 read_string(struct gotape_call_strings *e, __u64 cookie, int n)
{
	__u32 reg = COOKIE_STRING(cookie, n);
	__u64 address, length;

	if (!reg || reg > CALL_REGS - 1)
		return 0;
	address = e->entry.regs[reg - 1];
	length = e->entry.regs[reg];
	if (length > CALL_STRING_BYTES)
		length = CALL_STRING_BYTES;
	if (length && read_user(e->text[n], length, address))
		return 0;
	return 1 << n;
}

SEC("uprobe")
int call_entry_strings(struct gotape_regs *regs)
{
	struct gotape_counters *c = count_hit();
	__u64 cookie = bpf_get_attach_cookie(regs);
	struct gotape_call_strings *e;
	struct g_part part;

	if (!c)
		return 0;
	if (!read_goroutine(c, &part, GO_G(regs)))
		return 0;
	e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e)
		return lost(c, &c->dropped);
	fill(&e->entry.call, GO_G(regs), &part, regs->sp + COOKIE_SP(cookie), COOKIE_PROBE(cookie),
	     CALL_ENTRY_STRINGS);
	fill_regs(&e->entry, regs);
	e->readable = read_string(e, cookie, 0);
	e->readable |= read_string(e, cookie, 1);
	e->readable |= read_string(e, cookie, 2);
	e->readable |= read_string(e, cookie, 3);
	submit(c, e);
	return 0;
}

static __always_inline int end_of(struct gotape_counters *c, __u64 g, const struct g_part *part, __u64 sp, __u32 probe,
				  __u8 kind)
{
	struct gotape_call *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e)
		return lost(c, &c->dropped);
	fill(e, g, part, sp, probe, kind);
	submit(c, e);
	return 0;
}

/* On a RET, or on a jump that leaves the function: SP is what it was at entry. */
SEC("uprobe")
int call_return(struct gotape_regs *regs)
{
	struct gotape_counters *c = count_hit();
	struct g_part part;

	if (!c)
		return 0;
	if (!read_goroutine(c, &part, GO_G(regs)))
		return 0;
	return end_of(c, GO_G(regs), &part, regs->sp, COOKIE_PROBE(bpf_get_attach_cookie(regs)), CALL_RETURN);
}

/* runtime.recovery(gp *g): a recovered panic goes on in the frame that deferred the recovery, with that frame's SP. */
SEC("uprobe")
int call_recovered(struct gotape_regs *regs)
{
	struct gotape_counters *c = count_hit();
	__u64 g = GO_ARG1(regs), holder = g, sp = 0;
	struct g_part part;

	if (!c)
		return 0;
	if (read_user(&part, G_BYTES, g) ||
	    (layout.recovered_in && read_user(&holder, sizeof(holder), g + layout.recovered_in)) ||
	    read_user(&sp, sizeof(sp), holder + layout.recovered_sp) || sp < STACK_LO(&part) || sp > STACK_HI(&part))
		return lost(c, &c->faulted);
	return end_of(c, g, &part, sp, 0, CALL_RECOVERED);
}

/* runtime.goexit0(gp *g): the goroutine has ended. */
SEC("uprobe")
int call_goexit(struct gotape_regs *regs)
{
	struct gotape_counters *c = count_hit();
	__u64 g = GO_ARG1(regs);
	struct g_part part;

	if (!c)
		return 0;
	if (read_user(&part, G_BYTES, g))
		return lost(c, &c->faulted);
	return end_of(c, g, &part, STACK_HI(&part), 0, CALL_GOEXIT);
}
