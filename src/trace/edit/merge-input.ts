/** A trace to be merged, and what must be known of it before. */
import type { TraceFile } from '../trace-file.js';

export interface MergeInput {
  /** For sentences. */
  readonly name: string;
  readonly trace: TraceFile;
  readonly pids: ReadonlySet<number>;
  /** What it covers, on its host's monotonic clock. */
  readonly fromNs: bigint;
  readonly toNs: bigint;
}

/** Reads the trace once where its header does not tell. */
export async function inspectInput(name: string, trace: TraceFile): Promise<MergeInput> {
  const { facts } = trace;
  const told = facts.targets.map(({ pid }) => pid);
  const isTold = trace.summary !== undefined && told.length > 0 && !told.includes(0);
  const pids = isTold ? new Set(told) : await pidsOf(trace);
  const start = BigInt(facts.start.monotonicNs);
  const at = (ns: number) => start + BigInt(Math.round(ns));
  return { name, trace, pids, fromNs: at(facts.window?.fromNs ?? 0), toNs: at(trace.endNs) };
}

async function pidsOf(trace: TraceFile): Promise<Set<number>> {
  const pids = new Set<number>();
  for await (const { transitions, goroutines, calls = [], osSchedule } of trace.segments()) {
    for (const { pid } of goroutines) pids.add(pid);
    for (const { pid } of calls) pids.add(pid);
    for (const pid of osSchedule?.pid ?? []) pids.add(pid);
    let last = -1;
    for (let row = 0; row < transitions.length; row++) {
      const pid = transitions.pid[row]!;
      if (pid !== last) pids.add(pid);
      last = pid;
    }
  }
  return pids;
}
