/**
 * The instructions at the start of a function that Go's compiler emits on amd64, decoded just far enough to walk over them.
 * Anything else is undefined, and the walk ends there. Source: Intel SDM vol. 2; disassembly of Go 1.19 … 1.27.
 */
export interface X86Instruction {
  readonly length: number;
  readonly text: string;
  readonly role: 'push' | 'nop' | 'jump' | 'stack check' | 'other';
  /** Bytes by which the stack pointer goes down. */
  readonly stackBytes: number;
  /** True when the frame pointer describes this function's own frame afterwards. */
  readonly setsFrame: boolean;
}

interface Pattern {
  /** Bytes in hexadecimal, alternatives `a,b`, ranges `a-b`; `ib` and `id` are the signed 8- or 32-bit operand. */
  readonly bytes: readonly string[];
  readonly text: string;
  readonly role: X86Instruction['role'];
  readonly stack: (operand: number) => number;
  readonly setsFrame: boolean;
}

function pattern(bytes: string, text: string, more: Partial<Pattern> = {}): Pattern {
  return { role: 'other', stack: () => 0, setsFrame: false, ...more, bytes: bytes.split(' '), text };
}

const REGISTER_TO_STACK_8 = '44,4c,54,5c,6c,74,7c';
const REGISTER_TO_STACK_32 = '84,8c,94,9c,ac,b4,bc';
const CONDITIONS = ['o', 'no', 'b', 'ae', 'e', 'ne', 'be', 'a', 's', 'ns', 'p', 'np', 'l', 'ge', 'le', 'g'];

/** None of these writes AX, BX, CX or R14 (the arguments and the current g). `#` is the operand. */
const patterns: readonly Pattern[] = [
  pattern('55', 'push %rbp', { role: 'push', stack: () => 8 }),
  pattern('48 89 e5', 'mov %rsp,%rbp', { setsFrame: true }),
  pattern('48 8d 6c 24 ib', 'lea #(%rsp),%rbp', { setsFrame: true }),
  pattern('48 8d ac 24 id', 'lea #(%rsp),%rbp', { setsFrame: true }),
  pattern('48 83 ec ib', 'sub $#,%rsp', { stack: (bytes) => bytes }),
  pattern('48 81 ec id', 'sub $#,%rsp', { stack: (bytes) => bytes }),
  pattern('48 83 c4 ib', 'add $#,%rsp', { stack: (bytes) => -bytes }),
  pattern('4c 8d 64 24 ib', 'lea #(%rsp),%r12'),
  pattern('4c 8d a4 24 id', 'lea #(%rsp),%r12'),
  pattern('49 3b 66 10', 'cmp 0x10(%r14),%rsp', { role: 'stack check' }),
  pattern('4d 3b 66 10', 'cmp 0x10(%r14),%r12', { role: 'stack check' }),
  pattern(`48,4c 89 ${REGISTER_TO_STACK_8} 24 ib`, 'mov (register),#(%rsp)'),
  pattern(`48,4c 89 ${REGISTER_TO_STACK_32} 24 id`, 'mov (register),#(%rsp)'),
  pattern(`89 ${REGISTER_TO_STACK_8} 24 ib`, 'movl (register),#(%rsp)'),
  pattern(`89 ${REGISTER_TO_STACK_32} 24 id`, 'movl (register),#(%rsp)'),
  pattern('0f ba e0-e7 ib', 'bt $#,(register)'),
  pattern('83 f8-ff ib', 'cmp $#,(register)'),
  pattern('81 f8-ff id', 'cmp $#,(register)'),
  pattern('39 c0-ff', 'cmp (registers)'),
  pattern('8d 90-93,95-97 id', 'lea #(register),%edx'),
  pattern('90', 'nop', { role: 'nop' }),
  pattern('66 90', 'xchg %ax,%ax', { role: 'nop' }),
  pattern('0f 1f 00', 'nopl (%rax)'),
  pattern('0f 1f 40 00', 'nopl 0(%rax)'),
  pattern('0f 1f 44 00 00', 'nopl 0(%rax,%rax)'),
  pattern('66 0f 1f 44 00 00', 'nopw 0(%rax,%rax)'),
  pattern('0f 1f 80 id', 'nopl 0(%rax)'),
  ...CONDITIONS.flatMap((condition, i) => [
    pattern(`7${i.toString(16)} ib`, `j${condition} #`, { role: 'jump' }),
    pattern(`0f 8${i.toString(16)} id`, `j${condition} #`, { role: 'jump' }),
  ]),
];

/** The instruction at `at`; undefined when it is not one of the known ones or is cut off. */
export function decodeX86(code: DataView, at: number): X86Instruction | undefined {
  for (const candidate of patterns) {
    const match = matchPattern(candidate, code, at);
    if (match) return instruction(candidate, match.length, match.operand);
  }
  return undefined;
}

function instruction(found: Pattern, length: number, operand: number): X86Instruction {
  const { role, setsFrame } = found;
  const sign = operand < 0 ? '-' : role === 'jump' ? '+' : '';
  const text = found.text.replace('#', `${sign}0x${Math.abs(operand).toString(16)}`);
  return { length, text, role, setsFrame, stackBytes: found.stack(operand) };
}

function matchPattern(
  { bytes }: Pattern,
  code: DataView,
  start: number,
): { readonly length: number; readonly operand: number } | undefined {
  let [at, operand] = [start, 0];
  for (const token of bytes) {
    const size = token === 'id' ? 4 : 1;
    if (at + size > code.byteLength) return undefined;
    if (token === 'id') operand = code.getInt32(at, true);
    else if (token === 'ib') operand = code.getInt8(at);
    else if (!matchesByte(token, code.getUint8(at))) return undefined;
    at += size;
  }
  return { length: at - start, operand };
}

function matchesByte(alternatives: string, byte: number): boolean {
  return alternatives.split(',').some((alternative) => {
    const [low = '', high = low] = alternative.split('-');
    return byte >= Number.parseInt(low, 16) && byte <= Number.parseInt(high, 16);
  });
}
