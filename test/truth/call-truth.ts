/** The program of test/programs/calls, recorded, beside what it says of its own calls. */
import type { CallInfo } from '../../src/model/call.js';
import type { Gap } from '../../src/model/trace-facts.js';
import { openTrace } from '../../src/trace/open-trace.js';

/** As the program prints it. Times by CLOCK_MONOTONIC, in ns; `end` 0: it was left without a return. */
export interface TrueCall {
  readonly function: string;
  readonly goid: number;
  readonly depth: number;
  readonly args: string;
  readonly start: number;
  readonly end: number;
  readonly outcome: string;
}

export interface RecordedCalls {
  /** In the order of the file; times by CLOCK_MONOTONIC. */
  readonly calls: readonly CallInfo[];
  readonly gaps: readonly Gap[];
  readonly symbols: readonly string[];
  readonly invisible: readonly string[];
}

/** Every function of which the program tells. */
export const CALLED = [
  ...['main.(*server).handle', 'main.point.moved', 'main.recurse', 'main.deep', 'main.catches', 'main.passes'],
  ...['main.throws', 'main.again', 'main.inner', 'main.exits', 'main.leaves', 'main.blocks', 'main.sum[*'],
  ...['main.texts', 'main.wide'],
];
export const CALL_OPTIONS = CALLED.flatMap((pattern) => ['--call', pattern]);

export function trueCalls(stdout: string): TrueCall[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TrueCall);
}

export async function readCalls(file: string): Promise<RecordedCalls> {
  using trace = await openTrace(file);
  const calls: CallInfo[] = [];
  const gaps: Gap[] = [];
  const startNs = Number(trace.facts.start.monotonicNs);
  for await (const segment of trace.segments()) {
    gaps.push(...segment.gaps);
    for (const call of segment.calls ?? []) {
      calls.push({ ...call, startNs: call.startNs + startNs, endNs: call.endNs + startNs });
    }
  }
  const { probes, invisible } = trace.facts;
  return { calls, gaps, symbols: probes.filter(({ attached }) => attached).map(({ symbol }) => symbol), invisible };
}

/** A call as text that is the same on both sides. Function tables name instances of generic functions in two ways. */
export function recordedText(call: CallInfo): string {
  const name = call.function.replace(/\[.*\]/, '[...]');
  return `${name} of goroutine ${call.goid} at depth ${call.depth} ${call.outcome}: ${call.arguments}`;
}

export function trueText({ function: name, goid, depth, outcome, args }: TrueCall): string {
  return `${name} of goroutine ${goid} at depth ${depth} ${outcome}: ${args}`;
}

/** Pairs equal texts in order of time, as many as there are on both sides. */
export function pairs(truth: readonly TrueCall[], calls: readonly CallInfo[]): (readonly [TrueCall, CallInfo])[] {
  const byText = new Map<string, CallInfo[]>();
  for (const call of calls.toSorted((a, b) => a.startNs - b.startNs)) {
    const text = recordedText(call);
    byText.set(text, [...(byText.get(text) ?? []), call]);
  }
  return truth.flatMap((call) => {
    const found = byText.get(trueText(call))?.shift();
    return found ? [[call, found] as const] : [];
  });
}
