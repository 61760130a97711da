/** What `gotape probe --json` prints. */
import type { CallTarget, CallTargets } from '../goexe/call-targets.js';
import { type ArgumentValue, type Place, REGISTER_NAMES } from '../goexe/function-parameters.js';
import type { GoArch, GoExecutable } from '../goexe/go-executable.js';
import { COST_SOURCE, callCost } from '../goexe/probe-cost.js';

export interface ProbeReport {
  readonly schema: 'gotape.probe/1';
  readonly executable: string;
  readonly goVersion: string;
  readonly arch: GoArch;
  readonly pattern: string;
  readonly functions: readonly ProbedFunction[];
  /** Functions that match but exist only inlined into their callers. */
  readonly inlined: readonly string[];
  readonly costSource: string;
}

export interface ProbedFunction {
  readonly name: string;
  /** With the type arguments of a generic function's instance, where DWARF tells them. */
  readonly fullName: string;
  readonly file: string;
  readonly line: number;
  readonly canBeRecorded: boolean;
  /** Why not; empty when it can. */
  readonly why: string;
  readonly entry: ProbedPlace | undefined;
  readonly returns: number;
  /** Jumps to other functions, which end a call too. */
  readonly tailJumps: number;
  /** Of one call. */
  readonly cost: { readonly lowNs: number; readonly highNs: number } | undefined;
  readonly arguments: readonly ProbedArgument[];
  /** Why arguments are not known; empty when they are. */
  readonly argumentsUnknown: string;
}

export interface ProbedPlace {
  /** Bytes into the function. */
  readonly offset: number;
  readonly instruction: string;
  readonly emulated: boolean;
}

export interface ProbedArgument {
  readonly name: string;
  readonly type: string;
  /** Registers in their order, or what is there in place of one: `float register`, `stack`, `nowhere`. */
  readonly places: readonly string[];
  /** False when its value is not recorded. */
  readonly isRecorded: boolean;
}

export function probeReport(exe: GoExecutable, pattern: string, { targets, inlined }: CallTargets): ProbeReport {
  return {
    schema: 'gotape.probe/1',
    executable: exe.name,
    goVersion: exe.goVersion.text,
    arch: exe.arch,
    pattern,
    functions: targets.map((target) => functionReport(target, exe.arch)),
    inlined,
    costSource: COST_SOURCE,
  };
}

function functionReport({ points, parameters, name, fullName, file, line }: CallTarget, arch: GoArch): ProbedFunction {
  const known = typeof points === 'string' ? undefined : points;
  const tailJumps = known?.returns.filter(({ kind }) => kind === 'tail jump').length ?? 0;
  const { offset = 0, instruction = '', emulated = false } = known?.entry ?? {};
  return {
    name,
    fullName,
    file,
    line,
    canBeRecorded: known !== undefined,
    why: typeof points === 'string' ? points : '',
    entry: known && { offset, instruction, emulated },
    returns: (known?.returns.length ?? 0) - tailJumps,
    tailJumps,
    cost: known && callCost(known),
    arguments: typeof parameters === 'string' ? [] : parameters.map((parameter) => argumentReport(parameter, arch)),
    argumentsUnknown: typeof parameters === 'string' ? parameters : '',
  };
}

function argumentReport(parameter: { name: string; type: string; value: ArgumentValue }, arch: GoArch): ProbedArgument {
  const { name, type, value } = parameter;
  const places = placesOf(value).map((place) => (typeof place === 'number' ? REGISTER_NAMES[arch][place]! : place));
  return { name, type, places, isRecorded: isRecorded(value) };
}

function placesOf(value: ArgumentValue): Place[] {
  if (value.kind === 'struct') return value.fields.flatMap((field) => placesOf(field.value));
  return 'length' in value && value.length !== value.at ? [value.at, value.length] : [value.at];
}

/** Any part of it. */
function isRecorded(value: ArgumentValue): boolean {
  if (value.kind === 'struct') return value.fields.some((field) => isRecorded(field.value));
  return value.kind !== 'other' && typeof value.at === 'number';
}
