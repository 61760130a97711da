/**
 * What gotape learns from a Go executable's bytes, as plain types. {@link GoExecutable} is made by `inspectGoExecutable`
 * (`inspect-go-executable.ts`). Addresses are those in the file (link-time); a process adds its load bias to them.
 */

import type { CallTargets } from './call-targets.js';

export type GoArch = 'amd64' | 'arm64';

/** `go1.26.8` → 1, 26, 8. A version without a patch number (`go1.26`, `go1.27rc1`, `devel …`) has patch 0. */
export interface GoVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** As the executable spells it: `go1.26.8`, `go1.27rc1`, `go1.25.1 X:nocoverageredesign`. */
  readonly text: string;
  readonly source: 'build info' | 'string in read-only data';
}

/** Fields that every supported Go release has. Keys are `struct.field` as the runtime spells them. */
export const REQUIRED_FIELDS = [
  'g.m',
  'g.sched.sp',
  'g.sched.pc',
  'g.sched.bp',
  'g.syscallsp',
  'g.syscallpc',
  'g.atomicstatus',
  'g.goid',
  'g.waitreason',
  'g.gopc',
  'g.startpc',
  'g.labels',
  'm.g0',
  'm.procid',
  'm.curg',
  'm.p',
  'm.id',
  'p.id',
  'p.status',
] as const;
/** `g.syscallbp` from 1.23, `g.parentGoid` from 1.21, `g.coroarg` and `g.coroexit` from 1.22. */
export const OPTIONAL_FIELDS = ['g.syscallbp', 'g.parentGoid', 'g.coroarg', 'g.coroexit'] as const;

export type RequiredField = (typeof REQUIRED_FIELDS)[number];
export type OptionalField = (typeof OPTIONAL_FIELDS)[number];
export type RuntimeField = RequiredField | OptionalField;

export interface FieldOffset {
  /** Bytes from the start of the struct. */
  readonly offset: number;
  /** Where it was learned: `dwarf`, `table go1.26`, `disassembly`. */
  readonly source: string;
}

export type RuntimeLayout = Readonly<Record<RequiredField, FieldOffset>> &
  Readonly<Partial<Record<OptionalField, FieldOffset>>>;

/** Functions that change `g.atomicstatus`, and the one that changes `g.labels`; `probe-points.ts` tells which are needed. */
export const PROBE_SYMBOLS = [
  'runtime.casgstatus',
  'runtime.casGToPreemptScan',
  'runtime.casGFromPreempted',
  'runtime.casfrom_Gscanstatus',
  'runtime.reentersyscall',
  'runtime.exitsyscall',
  'runtime.coroswitch_m',
  'runtime/pprof.runtime_setProfLabel',
] as const;
export type ProbeSymbol = (typeof PROBE_SYMBOLS)[number];

/** The instruction that carries the breakpoint. The integer argument registers and R14 (R28 on arm64) are intact there. */
export interface ProbePoint {
  readonly present: true;
  readonly symbol: ProbeSymbol;
  readonly vaddr: number;
  /** What the kernel's uprobe interface takes. */
  readonly fileOffset: number;
  /** Bytes into the function. */
  readonly offset: number;
  /** As text: `push %rbp`, `nop`, `jbe +0x4a`. */
  readonly instruction: string;
  /** True when the kernel emulates it (about 1 µs); false when it single-steps it out of line (10–30 µs). */
  readonly emulated: boolean;
  /** Bytes from the stack pointer to the return address at the probe; -1 when it is in the link register (arm64). */
  readonly returnAddressAt: number;
  /** Whose frame the frame pointer describes at the probe: still the caller's, or already this function's own. */
  readonly framePointer: 'caller' | 'own';
}

/** A function that this executable has no use for or does not hold. */
export interface MissingProbePoint {
  readonly present: false;
  readonly symbol: ProbeSymbol;
  /** `not in this binary: it does not use iter.Pull`, `not needed before Go 1.26: …`. */
  readonly why: string;
}

/** A function's code, `[entry, end)`. */
export interface GoFunction {
  readonly name: string;
  readonly entry: number;
  readonly end: number;
}

/** One frame of a symbolized program counter. `line` is 0 when the table does not say. */
export interface SourceLocation {
  readonly function: string;
  readonly file: string;
  readonly line: number;
  /** Made by the compiler to call another function (`main.(*T).run-fm`, `main.main.gowrap1`): tracebacks leave it out. */
  readonly isWrapper?: true;
}

export interface GoModule {
  /** Module path of the main package; empty when the build info does not say. */
  readonly path: string;
  readonly version: string;
  readonly mainPackage: string;
}

export interface GoExecutable {
  readonly name: string;
  readonly arch: GoArch;
  /** ET_DYN: addresses in a process are link-time addresses plus its load bias. */
  readonly positionIndependent: boolean;
  /** Where the program itself begins to run, once per process (behind the dynamic linker, if it has one). */
  readonly entry: number;
  /** Start function of goroutine 1 of every process, made by `runtime.rt0_go`. */
  readonly runtimeMain: number | undefined;
  /** `p_vaddr` of the first PT_LOAD and its file offset: load bias = its mapping's start - page-aligned `vaddr`. */
  readonly firstLoad: { readonly vaddr: number; readonly fileOffset: number };
  readonly goVersion: GoVersion;
  /** Lower-case hexadecimal; empty when absent. */
  readonly gnuBuildId: string;
  /** As `go tool buildid` prints it; empty when absent. */
  readonly goBuildId: string;
  /** Undefined when there is no build info. */
  readonly module: GoModule | undefined;
  readonly layout: RuntimeLayout;
  /** Text of `g.waitreason` by its number. */
  readonly waitReasons: readonly string[];
  /** `table go1.26`. */
  readonly waitReasonsSource: string;
  /** In the order of {@link PROBE_SYMBOLS}. `runtime.casgstatus` is always present. */
  readonly probes: readonly (ProbePoint | MissingProbePoint)[];
  /** Sentences about what was assumed. */
  readonly warnings: readonly string[];

  /** The function that holds a link-time address; undefined outside of Go code. */
  functionAt(pc: number): GoFunction | undefined;
  /**
   * Innermost frame of the instruction at a link-time address, inlined calls included: its function is where its line is.
   * For a return address pass `pc - 1`, as Go's tracebacks do.
   */
  symbolize(pc: number): SourceLocation | undefined;
  /** All frames at an address, innermost inlined call first; the last one is the function that `functionAt` names. */
  inlinedFrames(pc: number): readonly SourceLocation[];
  /** Follows a compiler-made wrapper (`main.main.gowrap1`) to the function that the go statement names. */
  startFunctionAt(startPc: number): GoFunction | undefined;
  /**
   * Functions whose names match a pattern (`main.(*Server).Handle`, `main.*`), and how their calls can be probed.
   * @throws UserError when too many do
   */
  callTargets(patterns: readonly string[]): Promise<CallTargets>;
  /** File offset of a link-time address; undefined when no PT_LOAD holds it in the file. */
  fileOffsetOf(vaddr: number): number | undefined;
}
