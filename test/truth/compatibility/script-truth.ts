/** The program of test/programs/script beside its recording: what it says it did, and what the trace says. */
import type { CallInfo } from '../../../src/model/call.js';
import { GoState } from '../../../src/model/go-state.js';
import type { GoroutineInfo } from '../../../src/model/trace-facts.js';
import { changeOf, countOf, goidsOf, isBlocking, type Row, rowsOf, type TraceRows } from '../trace-rows.js';

/** As the program prints it. */
export interface Told {
  readonly Goids: Readonly<Record<string, readonly number[]>>;
  readonly Main: number;
  readonly LockedTid: number;
  readonly LockedNs: number;
  readonly Panics: number;
  readonly Naps: number;
  readonly Commands: number;
  readonly Shorts: number;
  readonly Requests: number;
  readonly Works: number;
  readonly Collections: number;
}

/** A number that the program tells, and the same number by the trace. */
export interface Check {
  readonly what: string;
  readonly told: number;
  readonly recorded: number;
  /** Why the trace cannot tell it. */
  readonly impossible?: string;
}

/** Its own functions, and one of package os that each command needs once. */
export const SCRIPT_CALLS = ['main.work', 'main.throws', 'main.catches', 'os.startProcess'];

export interface ScriptRun {
  readonly told: Told;
  readonly trace: TraceRows;
  readonly calls: readonly CallInfo[];
  /** Of the Go release: 19 for Go 1.19. */
  readonly minor: number;
}

export function checkGoroutines({ told, trace }: ScriptRun): Check {
  const known = new Set(
    Object.entries(told.Goids).flatMap(([name, goids]) => goids.map((goid) => `${goid} ${name} of ${told.Main}`)),
  );
  const own = trace.goroutines.filter(isOwn).map(describe);
  const right = own.filter((text) => known.has(text));
  const wrong = own.length - right.length; // one that the program does not know counts against the others
  return { what: 'goroutines', told: known.size, recorded: right.length - wrong };
}

export function checkLabels({ told, trace }: ScriptRun): Check {
  const labelled = goidsOf(trace, 'main.labelled')[0];
  const changes = trace.goroutines.filter(({ goid, origin }) => goid === labelled && origin === 'relabelled');
  const texts = changes.map(({ labels = [] }) => labels.map(({ key, value }) => `${key}=${value}`).join());
  const requests = texts.filter((text) => text !== '');
  const recorded = requests.filter((text, i) => text === `request=${i}`).length;
  return { what: 'labels', told: told.Requests, recorded };
}

export function checkCalls({ told, calls }: ScriptRun): Check {
  return { what: 'calls', told: told.Works, recorded: countCalls(calls, 'main.work', 'returned') };
}

/** Everything else that goroutines did. */
export function checkDeeds(run: ScriptRun): Check[] {
  const { told, trace, calls, minor } = run;
  const rows = (name: string) => goidsOf(trace, name).flatMap((goid) => rowsOf(trace, goid));
  const sleeper = rows('main.sleeper');
  const locked = rows('main.locked').filter(isSinceLock(run));
  const collections = trace.rows.filter(({ reason }) => reason === 'garbage collection').length;
  return [
    { what: 'panics', told: told.Panics, recorded: countCalls(calls, 'main.throws', 'unwound') },
    { what: 'recovered', told: told.Panics, recorded: countCalls(calls, 'main.catches', 'returned') },
    { what: 'waits of who panics', told: 0, recorded: rows('main.panicker').filter(isBlocking).length },
    { what: 'ends by Goexit', told: 1, recorded: countOf(rows('main.leaver'), 'running→dead') },
    {
      what: 'changes on the locked thread',
      told: locked.length,
      recorded: locked.filter(({ tid }) => tid === told.LockedTid).length,
    },
    { what: 'sleeps', told: told.Naps, recorded: sleeper.filter(isBlocking).filter(isSleep).length },
    { what: 'woken by timers', told: told.Naps, recorded: sleeper.filter((row) => row.wakeSource === 'timer').length },
    { what: 'commands', told: told.Commands, recorded: countCalls(calls, 'os.startProcess', 'returned') },
    { what: 'waits for commands', told: told.Commands, recorded: Math.min(told.Commands, commandWaits(run)) },
    { what: 'short lives', told: told.Shorts, recorded: countLives(trace, 'main.short') },
    {
      ...{ what: 'collections', told: told.Collections, recorded: collections },
      ...(minor < 20 ? { impossible: 'Go 1.19 leaves an older reason in memory' } : {}),
    },
  ];
}

export function isKept({ told, recorded, impossible }: Check): boolean {
  return told === recorded || impossible !== undefined;
}

export function describeCheck({ what, told, recorded }: Check): string {
  return `${what}: ${recorded} of ${told}`;
}

function isOwn({ startFunction, origin }: GoroutineInfo): boolean {
  return origin === 'created' && /^main\.(?!main$)/.test(startFunction);
}

function describe({ goid, startFunction, parentGoid }: GoroutineInfo): string {
  return `${goid} ${startFunction} of ${parentGoid}`;
}

/** Changes that only the thread can make that executes the goroutine. */
function isSinceLock({ told, trace }: ScriptRun): (row: Row) => boolean {
  const sinceNs = told.LockedNs - Number(trace.facts.start.monotonicNs);
  return ({ timeNs, from, to }) => timeNs > sinceNs && (from === GoState.running || to === GoState.running);
}

function isSleep({ reason }: Row): boolean {
  return reason === 'sleep';
}

/** System calls beneath os/exec's Wait. */
function commandWaits({ trace }: ScriptRun): number {
  const calls = trace.rows.filter(({ to, stack }) => to === GoState.syscall && stack !== 0);
  return calls.filter(({ stack }) =>
    trace.stacks.framesOf(stack).some((frame) => frame.function === 'os/exec.(*Cmd).Wait'),
  ).length;
}

/** Goroutines that came once and went once. */
function countLives(trace: TraceRows, startFunction: string): number {
  const wanted = new Set(goidsOf(trace, startFunction));
  const changes = new Map<number, string[]>();
  for (const row of trace.rows) {
    if (wanted.has(row.goid)) changes.set(row.goid, [...(changes.get(row.goid) ?? []), changeOf(row)]);
  }
  const once = (all: readonly string[], change: string) => all.filter((one) => one === change).length === 1;
  return [...changes.values()].filter((all) => once(all, 'dead→runnable') && once(all, 'running→dead')).length;
}

function countCalls(calls: readonly CallInfo[], name: string, outcome: string): number {
  return calls.filter((call) => call.function === name && call.outcome === outcome).length;
}
