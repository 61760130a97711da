/**
 * Which instruction of a function carries the breakpoint.
 *
 * The kernel replaces it with `int3` and must then make up for it. It emulates `push`, one-byte `nop`, jumps and calls
 * (arch/x86/kernel/uprobes.c: `push_setup_xol_ops`, `branch_setup_xol_ops`; about 1 µs); everything else it copies aside and
 * single-steps (10–30 µs). So, on amd64, of the instructions that every call executes exactly once with its arguments still
 * in AX, BX, CX and R14, the first emulated one:
 *
 * 1. Walk from the entry over known instructions, none of which touches those registers.
 * 2. `cmp 0x10(%r14),…` with its `jbe` is the stack check. After `morestack` grew the stack, it runs again: pass over both.
 *    (casGToPreemptScan, casGFromPreempted, casfrom_Gscanstatus and coroswitch_m begin so. They run on g0, whose stack
 *    never grows, but casfrom_Gscanstatus has callers elsewhere: behind the check, the count is right wherever it runs.)
 * 3. The first `push`, `nop` or conditional jump after it is the probe. Nothing jumps back to it, as the walk follows
 *    straight code from the entry and Go's loops (in casgstatus: the spin on the scan bit) start after the first branch.
 *    What comes after a conditional jump does not run on every call: the walk never goes there.
 * 4. If there is none, the first instruction behind the stack check, single-stepped.
 *
 * So casgstatus, reentersyscall and exitsyscall (all nosplit: no check) get `push %rbp` at their entry from Go 1.21 on; in
 * 1.19 and 1.20 casgstatus gets the `nop` at +0x1f. The ones with a check get the `push %rbp` behind it from 1.21 on, and
 * their first comparison's jump before. On arm64 the kernel simulates no instruction that stands at the start of a function.
 */
import type { GoArch } from './go-executable.js';
import { decodeX86, type X86Instruction } from './x86-prologue.js';

/** The walk ends here at the latest. */
export const PROLOGUE_BYTES = 0x40;

export interface ProbeInstruction {
  readonly offset: number;
  readonly text: string;
  readonly emulated: boolean;
  readonly returnAddressAt: number;
  readonly framePointer: 'caller' | 'own';
}

/** `code` is the start of a function, {@link PROLOGUE_BYTES} or less. */
export function chooseProbeInstruction(code: DataView, arch: GoArch): ProbeInstruction {
  return arch === 'amd64' ? chooseOnX86(code) : chooseOnArm64(code);
}

/** State of the walk before the instruction at `offset`. */
interface Place {
  readonly offset: number;
  readonly stackBytes: number;
  readonly ownFrame: boolean;
}

function chooseOnX86(code: DataView): ProbeInstruction {
  let place: Place = { offset: 0, stackBytes: 0, ownFrame: false };
  let fallback = place;
  let inStackCheck = false;
  for (let next = decodeX86(code, 0); next; next = decodeX86(code, place.offset)) {
    if (isEmulated(next) && !inStackCheck) return probe(place, next.text, true);
    const leavesStackCheck = inStackCheck && next.role === 'jump';
    inStackCheck = next.role === 'stack check';
    place = {
      offset: place.offset + next.length,
      stackBytes: place.stackBytes + next.stackBytes,
      ownFrame: place.ownFrame || next.setsFrame,
    };
    if (leavesStackCheck) fallback = place;
  }
  return probe(fallback, decodeX86(code, fallback.offset)?.text ?? hexText(code, fallback.offset, 4), false);
}

function isEmulated({ role }: X86Instruction): boolean {
  return role === 'push' || role === 'nop' || role === 'jump';
}

function probe(place: Place, text: string, emulated: boolean): ProbeInstruction {
  return {
    offset: place.offset,
    text,
    emulated,
    returnAddressAt: place.stackBytes,
    framePointer: place.ownFrame ? 'own' : 'caller',
  };
}

function chooseOnArm64(code: DataView): ProbeInstruction {
  return { offset: 0, text: hexText(code, 0, 4), emulated: false, returnAddressAt: -1, framePointer: 'caller' };
}

function hexText(code: DataView, offset: number, length: number): string {
  const bytes = new Uint8Array(code.buffer, code.byteOffset + offset, Math.min(length, code.byteLength - offset));
  return `bytes ${Buffer.from(bytes).toString('hex')}`;
}
