/** The instructions of one function, as far as probes on its calls need them. */

/** What the kernel and the walk over a prologue must know of an instruction. */
export interface MachineInstruction {
  /** Bytes into the function. */
  readonly offset: number;
  readonly length: number;
  readonly flow: 'next' | 'jump' | 'conditional jump' | 'indirect jump' | 'call' | 'return' | 'trap';
  /** Where a direct jump goes, as bytes into the function: outside of it when it leaves. */
  readonly target: number | undefined;
  /** True when the address of an indirect jump is an element of a table: a switch statement, which stays in the function. */
  readonly usesTable: boolean;
}

/** What the walk from a function's entry must know besides. */
export interface PrologueInstruction extends MachineInstruction {
  readonly text: string;
  /** True when the kernel emulates it (about 1 µs); false when it single-steps it out of line (10–20 µs). */
  readonly emulated: boolean;
  /** Compares the stack pointer with the limit in g. */
  readonly isStackCheck: boolean;
  /** Bytes by which SP goes down; undefined when that cannot be told. */
  readonly stackBytes: number | undefined;
  /** True when it neither writes a register that carries an argument or g, nor touches memory off the stack. */
  readonly isHarmless: boolean;
}

export interface FunctionCode {
  readonly instructions: readonly MachineInstruction[];
  /** The first ones. */
  readonly prologue: readonly PrologueInstruction[];
}
