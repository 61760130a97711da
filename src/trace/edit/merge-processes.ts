/** Which processes of several traces are the same, and what ids tell apart those that are not. */
import { UserError } from '../../base/errors.js';
import { formatNs } from '../../base/text.js';
import type { Gap, TargetFact } from '../../model/trace-facts.js';
import type { Placed } from './merge-clocks.js';

/** Beyond any pid that Linux gives (2^22): 1234 becomes 10001234, which can still be recognized. */
const STEP = 10_000_000;

export interface ProcessPlan {
  /** By trace: original pid → pid in the merged trace, of those that differ. */
  readonly changes: ReadonlyMap<Placed, ReadonlyMap<number, number>>;
  /** Where a process was recorded before and after, but not in between. */
  readonly pauses: readonly Gap[];
}

/** @throws UserError when two traces tell of one process at the same time */
export function planProcesses(traces: readonly Placed[]): ProcessPlan {
  const byProcess = new Map<string, Placed[]>();
  for (const trace of traces) {
    for (const pid of trace.pids) {
      const key = processKey(trace, pid);
      byProcess.set(key, [...(byProcess.get(key) ?? []), trace]);
    }
  }
  const pauses = [...byProcess.values()].flatMap(pausesOf);
  return { changes: planIds(traces), pauses: uniqueGaps(pauses) };
}

/** A pid may be given again within a boot, to another program. */
function processKey(trace: Placed, pid: number): string {
  const target = targetOf(trace, pid);
  return JSON.stringify([trace.boot, pid, target?.executable, target?.buildId, target?.goVersion]);
}

function targetOf({ trace }: Placed, pid: number): TargetFact | undefined {
  const { targets } = trace.facts;
  return targets.find((target) => target.pid === pid) ?? targets.find((target) => target.pid === 0) ?? targets[0];
}

/** @throws UserError */
function pausesOf(traces: readonly Placed[]): Gap[] {
  const inOrder = traces.toSorted((a, b) => (a.fromNs < b.fromNs ? -1 : 1));
  return inOrder.slice(1).flatMap((next, i) => {
    const previous = inOrder[i]!;
    if (next.fromNs < previous.toNs) throw overlapError(previous, next);
    if (next.fromNs === previous.toNs) return [];
    const at = (ns: bigint) => next.offsetNs + Number(ns - BigInt(next.trace.facts.start.monotonicNs));
    return [{ fromNs: at(previous.toNs), toNs: at(next.fromNs), lost: 0, why: 'not recorded' }];
  });
}

function overlapError(a: Placed, b: Placed): UserError {
  if (a.fromNs === b.fromNs && a.toNs === b.toNs)
    return new UserError(`${a.name} and ${b.name} are the same recording`);
  const shared = Number((a.toNs < b.toNs ? a.toNs : b.toNs) - b.fromNs);
  return new UserError(
    `${a.name} and ${b.name} both recorded the same process for ${formatNs(shared)}: its changes would be there twice; ` +
      'cut one of them first (gotape cut --from --to)',
  );
}

function uniqueGaps(gaps: readonly Gap[]): Gap[] {
  return [...new Map(gaps.map((gap) => [`${gap.fromNs} ${gap.toNs}`, gap])).values()];
}

/** The first process that has a pid keeps it. */
function planIds(traces: readonly Placed[]): Map<Placed, Map<number, number>> {
  const pidByProcess = new Map<string, number>();
  const taken = new Set<number>(traces.flatMap(({ pids }) => [...pids]));
  const given = new Set<number>();
  const changes = new Map<Placed, Map<number, number>>();
  for (const trace of traces) {
    const own = new Map<number, number>();
    changes.set(trace, own);
    for (const original of [...trace.pids].sort((a, b) => a - b)) {
      const key = processKey(trace, original);
      const pid = pidByProcess.get(key) ?? (given.has(original) ? freePid(original, taken) : original);
      pidByProcess.set(key, pid);
      given.add(pid);
      taken.add(pid);
      if (pid !== original) own.set(original, pid);
    }
  }
  return changes;
}

function freePid(original: number, taken: ReadonlySet<number>): number {
  for (let pid = original + STEP; pid < 2 ** 32; pid += STEP) if (!taken.has(pid)) return pid;
  throw new UserError(`more processes have the id ${original} than can be told apart; merge fewer traces`);
}
