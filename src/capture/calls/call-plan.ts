/** Which probes record the calls that were asked for, and what the header says of them. */
import { ExitCode, UserError } from '../../base/errors.js';
import type { CallPoints } from '../../goexe/call-points.js';
import { type CallTarget, MAX_CALL_TARGETS } from '../../goexe/call-targets.js';
import type { ArgumentValue, FunctionParameter } from '../../goexe/function-parameters.js';
import type { GoExecutable } from '../../goexe/go-executable.js';
import type { ProbeFact } from '../../model/trace-facts.js';
import { stringRegisters } from './argument-text.js';
import { callCookie, MAX_PROBES } from './call-layout.js';
import type { CallProbe } from './call-object.js';

export interface PlannedFunction {
  readonly name: string;
  /** Empty when it has none, or when they are not known. */
  readonly parameters: readonly FunctionParameter[];
}

export interface CallPlan {
  /** By the number that the events of their probes carry. */
  readonly functions: readonly PlannedFunction[];
  readonly probes: readonly CallProbe[];
  readonly facts: readonly ProbeFact[];
  readonly invisible: readonly string[];
}

/**
 * Looks the functions up; nothing is attached yet.
 * @throws UserError when a pattern matches nothing that can be recorded, or too much
 */
export async function planCalls(exe: GoExecutable, patterns: readonly string[]): Promise<CallPlan> {
  const perPattern: CallTarget[] = [];
  for (const pattern of patterns) perPattern.push(...(await targetsOf(exe, pattern)));
  const targets = [...new Map(perPattern.map((target) => [target.entry, target])).values()];
  if (targets.length > MAX_CALL_TARGETS) {
    throw refusal(`--call: ${targets.length} functions match in all, expected ${MAX_CALL_TARGETS} at most`);
  }
  const functions = targets.map(({ name, parameters }) => ({
    name,
    parameters: typeof parameters === 'string' ? [] : parameters,
  }));
  const probes = targets.flatMap((target, number) => probesOf(exe, target, number));
  if (probes.length > MAX_PROBES)
    throw refusal(`--call: ${probes.length} probes are needed, expected ${MAX_PROBES} at most`);
  return { functions, probes, facts: targets.map(factOf), invisible: invisibleOf(targets) };
}

async function targetsOf(exe: GoExecutable, pattern: string): Promise<readonly CallTarget[]> {
  const { targets, inlined } = await exe.callTargets([pattern]);
  if (targets.some(({ points }) => typeof points !== 'string')) return targets;
  const [first] = targets;
  if (first !== undefined)
    throw refusal(`--call '${pattern}': ${first.name} cannot be probed: ${String(first.points)}`);
  if (inlined.length > 0) {
    throw refusal(
      `--call '${pattern}': every call of ${inlined[0]} was inlined into its callers, so there is nothing to probe (go build -gcflags=-l, or //go:noinline)`,
    );
  }
  throw refusal(`--call '${pattern}': no function of ${exe.name} has such a name (gotape probe lists what matches)`);
}

function refusal(sentence: string): UserError {
  return new UserError(sentence, { exitCode: ExitCode.usage });
}

function probesOf(exe: GoExecutable, { entry, name, points, parameters }: CallTarget, number: number): CallProbe[] {
  if (typeof points === 'string') return [];
  const at = (offset: number) => exe.fileOffsetOf(entry + offset) ?? 0;
  const strings = typeof parameters === 'string' ? [] : stringRegisters(parameters);
  const program = strings.length > 0 ? 'call_entry_strings' : 'call_entry';
  const cookie = callCookie(number, points.entry.stackBytes, strings);
  const returns = points.returns.map(
    ({ offset }): CallProbe => ({
      program: 'call_return',
      fileOffset: at(offset),
      cookie: BigInt(number),
      symbol: name,
    }),
  );
  // Returns first: an entry whose return has no probe yet would stay open.
  return [...returns, { program, fileOffset: at(points.entry.offset), cookie, symbol: name }];
}

function factOf({ fullName, points }: CallTarget): ProbeFact {
  if (typeof points === 'string') {
    return { symbol: fullName, attached: false, offset: 0, instruction: '', emulated: false, why: points };
  }
  const { offset, instruction, emulated } = points.entry;
  return { symbol: fullName, attached: true, offset, instruction: withReturns(instruction, points), emulated, why: '' };
}

function withReturns(instruction: string, { returns }: CallPoints): string {
  const jumps = returns.filter(({ kind }) => kind === 'tail jump').length;
  const rets = returns.length - jumps;
  return `${instruction}; ${rets} × ret${jumps > 0 ? `, ${jumps} × jump to another function` : ''}`;
}

function invisibleOf(targets: readonly CallTarget[]): string[] {
  const sentences = [
    'calls that began before recording are not in it',
    'calls that the compiler inlined into their callers are no calls: they are not in it',
  ];
  const unprobed = targets.filter(({ points }) => typeof points === 'string');
  if (unprobed.length > 0)
    sentences.push(`calls of ${unprobed.map(({ fullName }) => fullName).join(', ')} are not seen`);
  const unknown = targets.find(
    ({ points, parameters }) => typeof points !== 'string' && typeof parameters === 'string',
  );
  if (unknown) sentences.push(`arguments of calls are not recorded: ${String(unknown.parameters)}`);
  if (
    targets.some(({ parameters }) => typeof parameters !== 'string' && parameters.some(({ value }) => !isWhole(value)))
  ) {
    sentences.push(
      'arguments shown as ? were not read: they lie in floating point registers, on the stack, or in no place that DWARF names',
    );
  }
  if (targets.some(({ name }) => name.startsWith('runtime.'))) {
    sentences.push("calls that the runtime makes on a thread's system stack are not recorded");
  }
  const jumping = targets.some(
    ({ points }) => typeof points !== 'string' && points.returns.some(({ kind }) => kind === 'tail jump'),
  );
  if (jumping)
    sentences.push('a call that ends with a jump to another function ends there; the other one goes on in its place');
  return sentences;
}

function isWhole(value: ArgumentValue): boolean {
  if (value.kind === 'struct') return value.fields.every((field) => isWhole(field.value));
  return value.kind !== 'other' && typeof value.at === 'number';
}
