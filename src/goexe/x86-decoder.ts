/**
 * Machine code of amd64, decoded instruction by instruction with iced-x86: a byte 0xc3 in the middle of an instruction is
 * no return. Loaded only where functions are to be probed (2.3 MB of package, 80 ms).
 */
import { UserError } from '../base/errors.js';
import type { FunctionCode, MachineInstruction, PrologueInstruction } from './machine-code.js';

type Iced = typeof import('iced-x86');
type Instruction = import('iced-x86').Instruction;

export type X86Decoder = (code: Uint8Array) => FunctionCode;

/** Bytes of a function that {@link FunctionCode.prologue} covers. */
const PROLOGUE_BYTES = 0x40;

export async function loadX86Decoder(): Promise<X86Decoder> {
  const module: Iced & { default?: Iced } = await import('iced-x86');
  const iced = module.default ?? module; // a CommonJS package
  return (code) => decodeFunction(iced, code);
}

/** @throws UserError for bytes that are no instruction */
function decodeFunction(iced: Iced, code: Uint8Array): FunctionCode {
  const decoder = new iced.Decoder(64, code, iced.DecoderOptions.None);
  const reader = new PrologueReader(iced, code);
  const instruction = new iced.Instruction();
  const instructions: MachineInstruction[] = [];
  const prologue: PrologueInstruction[] = [];
  try {
    for (let offset = 0; decoder.canDecode; offset += instruction.length) {
      decoder.decodeOut(instruction);
      if (instruction.code === iced.Code.INVALID)
        throw new UserError(`no instruction of x86-64 at +0x${offset.toString(16)}`);
      const read = machineInstruction(iced, instruction, offset);
      instructions.push(read);
      if (offset + instruction.length <= PROLOGUE_BYTES) prologue.push(reader.read(instruction, read));
    }
  } finally {
    instruction.free();
    decoder.free();
    reader.free();
  }
  return { instructions, prologue };
}

function machineInstruction(iced: Iced, instruction: Instruction, offset: number): MachineInstruction {
  const flow = flowOf(iced, instruction);
  const isDirect = flow === 'jump' || flow === 'conditional jump';
  return {
    offset,
    length: instruction.length,
    flow,
    target: isDirect ? Number(BigInt.asIntN(64, instruction.nearBranchTarget)) : undefined,
    usesTable: flow === 'indirect jump' && instruction.memoryIndex !== iced.Register.None,
  };
}

function flowOf({ FlowControl }: Iced, { flowControl }: Instruction): MachineInstruction['flow'] {
  switch (flowControl) {
    case FlowControl.Return:
      return 'return';
    case FlowControl.UnconditionalBranch:
      return 'jump';
    case FlowControl.ConditionalBranch:
      return 'conditional jump';
    case FlowControl.IndirectBranch:
      return 'indirect jump';
    case FlowControl.Call:
    case FlowControl.IndirectCall:
      return 'call';
    case FlowControl.Interrupt:
    case FlowControl.Exception:
      return 'trap';
    default:
      return 'next';
  }
}

/** Reads what only the start of a function is asked for. */
class PrologueReader {
  readonly #iced: Iced;
  readonly #code: Uint8Array;
  readonly #factory: import('iced-x86').InstructionInfoFactory;
  readonly #formatter: import('iced-x86').Formatter;
  /** Integer arguments of Go's ABIInternal, the closure in DX, g in R14. */
  readonly #kept: ReadonlySet<number>;

  constructor(iced: Iced, code: Uint8Array) {
    const { RAX, RBX, RCX, RDI, RSI, R8, R9, R10, R11, RDX, R14 } = iced.Register;
    this.#iced = iced;
    this.#code = code;
    this.#factory = new iced.InstructionInfoFactory();
    this.#formatter = new iced.Formatter(iced.FormatterSyntax.Gas);
    this.#kept = new Set([RAX, RBX, RCX, RDI, RSI, R8, R9, R10, R11, RDX, R14]);
  }

  read(instruction: Instruction, known: MachineInstruction): PrologueInstruction {
    return {
      ...known,
      text: this.#formatter.format(instruction),
      emulated: isEmulated(this.#code, known.offset),
      isStackCheck: this.#isStackCheck(instruction),
      stackBytes: this.#stackBytes(instruction),
      isHarmless: known.flow === 'next' && this.#isHarmless(instruction),
    };
  }

  free(): void {
    this.#factory.free();
    this.#formatter.free();
  }

  /** `g.stackguard0` is the third word of g in every release; g is in R14. */
  #isStackCheck(instruction: Instruction): boolean {
    const { Mnemonic, Register } = this.#iced;
    return (
      instruction.mnemonic === Mnemonic.Cmp &&
      instruction.memoryBase === Register.R14 &&
      instruction.memoryDisplacement === 0x10n
    );
  }

  #stackBytes(instruction: Instruction): number | undefined {
    const { Mnemonic, Register, OpKind } = this.#iced;
    const { mnemonic } = instruction;
    if (mnemonic === Mnemonic.Push || mnemonic === Mnemonic.Pop) return -instruction.stackPointerIncrement;
    if (!this.#writes(instruction).includes(Register.RSP)) return 0;
    if (instruction.op1Kind === OpKind.Register || instruction.op1Kind === OpKind.Memory) return undefined;
    if (mnemonic === Mnemonic.Sub) return Number(BigInt.asIntN(64, instruction.immediate(1)));
    return mnemonic === Mnemonic.Add ? -Number(BigInt.asIntN(64, instruction.immediate(1))) : undefined;
  }

  #isHarmless(instruction: Instruction): boolean {
    const { Register, OpAccess } = this.#iced;
    if (this.#writes(instruction).some((register) => this.#kept.has(register))) return false;
    const info = this.#factory.info(instruction);
    const memory = info.usedMemory();
    info.free();
    const onStack = memory.every((used) => used.base === Register.RSP || used.access === OpAccess.NoMemAccess);
    for (const used of memory) used.free();
    return onStack || this.#isStackCheck(instruction);
  }

  /** Full registers that it writes. */
  #writes(instruction: Instruction): number[] {
    const { OpAccess, RegisterExt } = this.#iced;
    const info = this.#factory.info(instruction);
    const used = info.usedRegisters();
    info.free();
    const written = used
      .filter(
        ({ access }) => access !== OpAccess.Read && access !== OpAccess.CondRead && access !== OpAccess.NoMemAccess,
      )
      .map(({ register }) => RegisterExt.fullRegister(register));
    for (const register of used) register.free();
    return written;
  }
}

/** `push_setup_xol_ops` and `branch_setup_xol_ops` of arch/x86/kernel/uprobes.c: push, nop, jumps and calls with an operand. */
function isEmulated(code: Uint8Array, at: number): boolean {
  const [first = 0, second = 0] = [code[at], code[at + 1]];
  if ((first >= 0x50 && first <= 0x57) || first === 0x90 || (first >= 0x70 && first <= 0x7f)) return true;
  if (first === 0xe8 || first === 0xe9 || first === 0xeb) return true;
  if (first === 0x41) return second >= 0x50 && second <= 0x57;
  if (first === 0x66) return second === 0x90;
  return first === 0x0f && second >= 0x80 && second <= 0x8f;
}
