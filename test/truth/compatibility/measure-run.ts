/** Records a program with everything that gotape can record, and tells what came of it: a row of docs/compatibility.md. */
import type { CallInfo } from '../../../src/model/call.js';
import { GoState } from '../../../src/model/go-state.js';
import type { LossFacts } from '../../../src/model/trace-facts.js';
import { readCalls } from '../call-truth.js';
import { checkChains, describeBreak } from '../chains.js';
import { KernelCount } from '../kernel-count.js';
import { type Recorded, recordCommand, type Workspace } from '../record-trace.js';
import type { TraceRows } from '../trace-rows.js';
import { type Check, describeCheck, isKept } from './script-truth.js';

export interface Subject {
  /** What was built, and how: `Go 1.26.8`, `stripped`. */
  readonly name: string;
  readonly build: string;
  readonly executable: () => string;
  readonly args?: (workspace: Workspace) => readonly string[];
  /** Files that it looks for in its own folder. */
  readonly beside?: readonly string[];
  readonly calls: readonly string[];
  /** What the program itself tells, beside what was recorded. */
  readonly checks: (run: MeasuredRun) => Checks;
}

export interface MeasuredRun extends Recorded {
  readonly calls: readonly CallInfo[];
  /** Of the Go release: 19 for Go 1.19. */
  readonly minor: number;
}

/** Undefined: the program tells nothing about it. */
export interface Checks {
  readonly goroutines?: Check;
  readonly labels?: Check;
  readonly calls?: Check;
  readonly deeds?: readonly Check[];
}

export interface Seen extends Checks {
  readonly name: string;
  readonly build: string;
  readonly goVersion: string;
  readonly probes: number;
  /** `runtime.coroswitch_m: not in this binary: …` */
  readonly missingProbes: readonly string[];
  readonly transitions: number;
  readonly lifetimes: number;
  readonly breaks: readonly string[];
  /** Changes that no Go release makes, rows that go back in time. */
  readonly oddities: readonly string[];
  readonly losses: LossFacts;
  readonly gaps: number;
  /** By the kernel's own count. */
  readonly kernelHits: number;
  readonly named: number;
  /** Goroutines without a start function, because a thread of C came in with them. */
  readonly foreign: number;
  /** Rows without a goroutine's id: up to Go 1.23 it gets that after its creation, and these did not run any more. */
  readonly anonymous: number;
  readonly stacks: StacksSeen;
  readonly status: number | null;
  readonly stderr: string;
}

export interface StacksSeen {
  /** Waits and system calls. */
  readonly wanted: number;
  readonly present: number;
  readonly rooted: number;
  /** Cut because they have more frames than are recorded. */
  readonly tooDeep: number;
  /** Outermost functions of the others that are cut. */
  readonly cutAt: readonly string[];
  /** Start functions of the goroutines whose changes have none. */
  readonly absentOf: readonly string[];
}

export async function measureRun(workspace: Workspace, subject: Subject): Promise<Seen> {
  const executable = workspace.ownCopy(subject.executable(), subject.beside);
  const options = ['--stacks', ...subject.calls.flatMap((pattern) => ['--call', pattern])];
  using kernel = new KernelCount(executable);
  const command = [executable, ...(subject.args?.(workspace) ?? [])];
  const recorded = await recordCommand(workspace, command, { options });
  const kernelHits = kernel.read();
  const { calls } = await readCalls(recorded.file);
  return {
    ...seenOf(subject, recorded, kernelHits),
    ...subject.checks({ ...recorded, calls, minor: minorOf(recorded) }),
  };
}

function seenOf({ name, build }: Subject, recorded: Recorded, kernelHits: number): Omit<Seen, keyof Checks> {
  const { trace, losses, status, stderr } = recorded;
  const foreign = foreignGoids(trace);
  const goroutines = trace.goroutines.filter(
    ({ origin, goid }) => (origin === 'created' || origin === 'found') && !foreign.has(goid),
  );
  const { probes } = trace.facts;
  const { breaks, illegal, anonymous, backwards } = checkChains(trace);
  return {
    ...{ name, build, losses, kernelHits, status, stderr },
    goVersion: trace.facts.targets[0]?.goVersion ?? '',
    probes: probes.filter(({ attached }) => attached).length,
    missingProbes: probes.filter(({ attached }) => !attached).map(({ symbol, why }) => `${symbol}: ${why}`),
    transitions: trace.rows.length,
    lifetimes: goroutines.length,
    breaks: breaks.map(describeBreak),
    oddities: [
      ...[...illegal].map(([change, times]) => `${times} × ${change}`),
      ...(backwards > 0 ? [`${backwards} back in time`] : []),
    ],
    gaps: trace.gaps.length,
    foreign: foreign.size,
    anonymous,
    named: goroutines.filter(({ startFunction }) => startFunction !== '').length,
    stacks: stacksOf(trace),
  };
}

/** Frames of machine code; inlined calls may add more. */
const MAX_FRAMES = 64;

/** needm takes a g that no go statement made: from dead (from Go 1.26 on deadextra) straight into a system call. */
function foreignGoids({ rows }: TraceRows): Set<number> {
  const entries = rows.filter(
    ({ from, to }) => to === GoState.syscall && (from === GoState.dead || from === GoState.deadextra),
  );
  return new Set(entries.map(({ goid }) => goid));
}

function stacksOf({ rows, stacks, goroutines }: TraceRows): StacksSeen {
  const wanted = rows.filter(
    ({ from, to }) => from === GoState.running && (to === GoState.waiting || to === GoState.syscall),
  );
  const present = wanted.filter(({ stack }) => stacks.framesOf(stack).length > 0);
  const cut = present.filter(({ stack }) => stacks.isTruncated(stack));
  const shallow = cut.filter(({ stack }) => stacks.framesOf(stack).length < MAX_FRAMES);
  const cutAt = new Set(shallow.map(({ stack }) => stacks.framesOf(stack).at(-1)?.function ?? ''));
  const startOf = new Map(goroutines.map(({ goid, startFunction }) => [goid, startFunction]));
  const absent = wanted.filter(({ stack }) => stacks.framesOf(stack).length === 0);
  return {
    ...{
      wanted: wanted.length,
      present: present.length,
      rooted: present.length - cut.length,
      tooDeep: cut.length - shallow.length,
      cutAt: [...cutAt],
    },
    absentOf: [...new Set(absent.map(({ goid }) => startOf.get(goid) ?? ''))],
  };
}

function minorOf({ trace }: Recorded): number {
  return Number(/^go1\.(\d+)/.exec(trace.facts.targets[0]?.goVersion ?? '')?.[1] ?? Number.NaN);
}

/**
 * The collector's worker calls the system stack from its own frame, which Go up to 1.20 does not link there: it is then
 * alone on its stack and not found. Said in the table.
 */
const MARK_WORKER = 'runtime.gcBgMarkWorker';

/** What a recording must not have; empty for one as it should be. */
export function faultsOf(seen: Seen): string[] {
  const { hits, paired, submitted, dropped, faulted, filtered, folded } = seen.losses;
  const checks = [seen.goroutines, seen.labels, seen.calls, ...(seen.deeds ?? [])];
  return [
    ...(seen.status === 0 ? [] : [`ended with status ${seen.status}: ${seen.stderr}`]),
    ...seen.breaks.slice(0, 3),
    ...seen.oddities,
    ...(seen.gaps === 0 ? [] : [`${seen.gaps} gaps`]),
    ...(hits === seen.kernelHits ? [] : [`${hits} hits, the kernel counts ${seen.kernelHits}`]),
    ...(hits + paired === submitted + dropped + faulted + filtered ? [] : ['hits are not accounted for']),
    ...(submitted === seen.transitions + folded ? [] : ['submitted hits are not in the trace']),
    ...(seen.anonymous === seen.losses.unnamed ? [] : [`${seen.anonymous} rows without a goroutine`]),
    ...(seen.named === seen.lifetimes ? [] : [`${seen.lifetimes - seen.named} goroutines without a start function`]),
    ...seen.stacks.absentOf
      .filter((name) => name !== MARK_WORKER || !/^go1\.(19|20)\b/.test(seen.goVersion))
      .map((name) => `${name} without a stack`),
    ...checks.filter((check) => check !== undefined && !isKept(check)).map((check) => describeCheck(check!)),
  ];
}
