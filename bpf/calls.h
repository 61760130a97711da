/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the programs of calls.bpf.c and the recorder share. The recorder's copy of these layouts is
 * src/capture/calls/call-layout.ts; a test holds it against the object's BTF.
 */
#ifndef GOTAPE_CALLS_H
#define GOTAPE_CALLS_H

#include <linux/types.h>

/* Integer registers of Go's ABIInternal: AX BX CX DI SI R8 R9 R10 R11; R0 to R15. */
#if defined(__TARGET_ARCH_x86)
#define CALL_REGS 9
#else
#define CALL_REGS 16
#endif

/* Of at most so many strings, so many bytes are read. */
#define CALL_STRINGS 4
#define CALL_STRING_BYTES 64

enum gotape_call_kind {
	CALL_ENTRY = 0,
	CALL_ENTRY_STRINGS = 1,
	CALL_RETURN = 2,
	CALL_RECOVERED = 3, /* runtime.recovery: the frames below `depth` are gone */
	CALL_GOEXIT = 4,    /* runtime.goexit0: all frames of the goroutine are gone */
};

/* All of a return; the head of everything else. 48 bytes. */
struct gotape_call {
	__u64 time_ns;	/* CLOCK_MONOTONIC, taken after the slot was reserved */
	__u64 g;	/* address of the runtime.g */
	__u64 goid;
	__u32 tid;
	__u32 tgid;
	__u32 depth;	/* bytes from the frame to the high end of its stack: the same after the stack has moved */
	__u32 probe;	/* number given at attach */
	__u8 kind;	/* enum gotape_call_kind */
	__u8 reserved[7];
};

struct gotape_call_entry {
	struct gotape_call call;
	__u64 regs[CALL_REGS];
};

struct gotape_call_strings {
	struct gotape_call_entry entry;
	__u32 readable; /* bit n: string n was read */
	__u32 reserved;
	char text[CALL_STRINGS][CALL_STRING_BYTES];
};

/* Byte offsets in the target's runtime. */
struct gotape_call_layout {
	__u32 g_goid;
	__u32 recovered_sp;  /* where runtime.recovery finds the SP to go on with: in g (up to Go 1.21) ... */
	__u32 recovered_in;  /* ... or, when not 0, in what the word at this offset of g points to (g._panic) */
	__u32 tgid;	     /* the one process to record, 0 for all */
};

#endif
