/**
 * The few instructions of arm64 that probes on calls need; each is four bytes. Source: Arm A-profile A64 instruction set.
 * Go puts no data between the instructions of a function.
 */
import type { FunctionCode, MachineInstruction, PrologueInstruction } from './machine-code.js';

const INSTRUCTION_BYTES = 4;
const PROLOGUE_INSTRUCTIONS = 16;
const RET = 0xd65f03c0;
/** `ldr x16, [x28, #16]`: the stack's limit, from g. */
const LOAD_STACK_LIMIT = 0xf9400b90;

export function decodeArm64(code: Uint8Array): FunctionCode {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  const count = Math.floor(code.byteLength / INSTRUCTION_BYTES);
  const words = Array.from({ length: count }, (_, i) => view.getUint32(i * INSTRUCTION_BYTES, true));
  const instructions = words.map((word, i) => decode(word, i * INSTRUCTION_BYTES));
  return { instructions, prologue: prologueOf(words, instructions) };
}

function decode(word: number, offset: number): MachineInstruction {
  const { flow, distance } = flowOf(word);
  const target = distance === undefined ? undefined : offset + distance * INSTRUCTION_BYTES;
  return { offset, length: INSTRUCTION_BYTES, flow, target, usesTable: false };
}

function flowOf(word: number): { readonly flow: MachineInstruction['flow']; readonly distance?: number } {
  if (word === RET) return { flow: 'return' };
  const top6 = word >>> 26;
  if (top6 === 0b000101) return { flow: 'jump', distance: (word << 6) >> 6 };
  if (top6 === 0b100101) return { flow: 'call' };
  if (word >>> 25 === 0b0101010 || (word & 0x7e000000) === 0x34000000)
    return { flow: 'conditional jump', distance: (word << 8) >> 13 };
  if ((word & 0x7e000000) === 0x36000000) return { flow: 'conditional jump', distance: (word << 13) >> 18 };
  if ((word & 0xfffffc1f) === 0xd63f0000) return { flow: 'call' };
  if ((word & 0xfffffc1f) === 0xd61f0000) return { flow: 'indirect jump' };
  return { flow: (word & 0xffe00000) >>> 0 === 0xd4200000 ? 'trap' : 'next' };
}

/**
 * No instruction is emulated there. Only the ones of the stack check are told apart: it loads the limit, compares, and
 * jumps away when the stack is too small; behind that jump the frame is made.
 */
function prologueOf(words: readonly number[], instructions: readonly MachineInstruction[]): PrologueInstruction[] {
  const head = instructions.slice(0, PROLOGUE_INSTRUCTIONS);
  const hasCheck = words[0] === LOAD_STACK_LIMIT;
  const last = hasCheck ? head.findIndex(({ flow }) => flow === 'conditional jump') : -1;
  return head.map((instruction, i) => ({
    ...instruction,
    text: `bytes ${(words[i] ?? 0).toString(16).padStart(8, '0')}`,
    emulated: false,
    isStackCheck: i < last,
    stackBytes: i <= last ? 0 : undefined,
    isHarmless: i <= last,
  }));
}
