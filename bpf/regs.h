/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The registers that carry Go's arguments at a function's entry (ABIInternal), as the kernel hands them to a uprobe
 * program: struct pt_regs of arch/x86/include/asm/ptrace.h, struct user_pt_regs of arch/arm64/include/uapi/asm/ptrace.h.
 * Both are user-visible layouts that never change, so no relocation against the running kernel is needed.
 */
#ifndef GOTAPE_REGS_H
#define GOTAPE_REGS_H

#include <linux/types.h>

#if defined(__TARGET_ARCH_x86)

struct gotape_regs {
	__u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss;
};
#define GO_ARG1(r) ((r)->ax)
#define GO_ARG2(r) ((r)->bx)
#define GO_ARG3(r) ((r)->cx)
#define GO_G(r) ((r)->r14)
#define GO_BP(r) ((r)->bp)

#elif defined(__TARGET_ARCH_arm64)

struct gotape_regs {
	__u64 regs[31], sp, pc, pstate;
};
#define GO_ARG1(r) ((r)->regs[0])
#define GO_ARG2(r) ((r)->regs[1])
#define GO_ARG3(r) ((r)->regs[2])
#define GO_G(r) ((r)->regs[28])
#define GO_BP(r) ((r)->regs[29])

#else
#error "define __TARGET_ARCH_x86 or __TARGET_ARCH_arm64"
#endif

#endif
