/**
 * Where probes go that see every call of a function once at its start and once at its end.
 *
 * 1. The stack check comes first. When the stack is too small, `morestack` makes a larger one and the function begins
 *    again at its entry: a probe before the check would see such a call twice. So the probe stands behind it.
 * 2. From there straight code is followed as long as it leaves arguments, g and memory off the stack alone. The first
 *    instruction that the kernel emulates is taken, else the first one of all, single-stepped.
 * 3. No jump of the function may lead back to the probe or before it: a loop that begins there would be seen as calls.
 * 4. The end is every RET, and every jump to another function in its place (a tail call: the frame is gone, SP is what it
 *    was at entry). A jump whose address is computed is one too, unless it reads it from a table: a switch statement.
 */
import type { FunctionCode, MachineInstruction, PrologueInstruction } from './machine-code.js';

export interface ReturnPoint {
  readonly offset: number;
  readonly kind: 'return' | 'tail jump';
  readonly emulated: boolean;
}

export interface CallPoints {
  readonly entry: {
    readonly offset: number;
    readonly instruction: string;
    readonly emulated: boolean;
    /** Bytes from SP to where it stood at the first instruction. */
    readonly stackBytes: number;
  };
  readonly returns: readonly ReturnPoint[];
}

/** A sentence when the function cannot be probed. */
export function findCallPoints({ instructions, prologue }: FunctionCode, bytes: number): CallPoints | string {
  const start = behindStackCheck(prologue);
  if (start === undefined) return 'its stack check was not understood';
  const returns = instructions.flatMap((instruction) => returnPoint(instruction, bytes));
  const candidates = prologue.slice(start).filter(({ offset }) => offset < (returns[0]?.offset ?? bytes));
  if (candidates.length === 0) return 'it does nothing but return, or jump to another function';
  const entry = chooseEntry(candidates, earliestTarget(instructions, prologue, start));
  return entry ? { entry, returns } : 'a loop leads back to its first instruction, which would be taken for calls';
}

/** Index of the first instruction behind the check; 0 when there is none; undefined when it has no jump. */
function behindStackCheck(prologue: readonly PrologueInstruction[]): number | undefined {
  const check = prologue.findLastIndex(({ isStackCheck }) => isStackCheck);
  if (check < 0) return 0;
  return prologue[check + 1]?.flow === 'conditional jump' && check + 2 < prologue.length ? check + 2 : undefined;
}

/**
 * The first place behind the stack check that some jump leads to. The jumps to the entry itself are those from
 * `morestack`, when there is a check.
 */
function earliestTarget(
  instructions: readonly MachineInstruction[],
  prologue: readonly PrologueInstruction[],
  start: number,
): number {
  const from = prologue[start]?.offset ?? 0;
  const isMorestack = (target: number) => start > 0 && target < from;
  let earliest = Number.POSITIVE_INFINITY;
  for (const { target } of instructions) {
    if (target !== undefined && target >= 0 && !isMorestack(target)) earliest = Math.min(earliest, target);
  }
  return earliest;
}

function chooseEntry(candidates: readonly PrologueInstruction[], earliest: number): CallPoints['entry'] | undefined {
  let [stackBytes, first] = [0, undefined as CallPoints['entry'] | undefined];
  for (const instruction of candidates) {
    if (instruction.offset >= earliest) break;
    const { offset, text, emulated } = instruction;
    const entry = { offset, instruction: text, emulated, stackBytes };
    if (emulated) return entry;
    first ??= entry;
    if (!instruction.isHarmless || instruction.stackBytes === undefined) break;
    stackBytes += instruction.stackBytes;
  }
  return first;
}

function returnPoint(instruction: MachineInstruction, bytes: number): ReturnPoint[] {
  const { offset, flow, target, usesTable } = instruction;
  if (flow === 'return') return [{ offset, kind: 'return', emulated: false }];
  const leaves = target !== undefined && (target < 0 || target >= bytes);
  if (flow === 'jump' && leaves) return [{ offset, kind: 'tail jump', emulated: true }];
  return flow === 'indirect jump' && !usesTable ? [{ offset, kind: 'tail jump', emulated: false }] : [];
}
