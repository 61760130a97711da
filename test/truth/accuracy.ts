/** One run, seen by gotape from outside and by runtime/trace from inside: how far apart the two are. */
import { buildGo, type Toolchain } from '../support/go-build.js';
import { alignSpans, type Pair } from './align-spans.js';
import { readGoTrace } from './go-trace.js';
import { recordCommand, type Workspace } from './record-trace.js';
import type { SpansByGoid } from './span-list.js';
import { readTapeSpans } from './tape-spans.js';

/** runtime/trace tells CLOCK_MONOTONIC from Go 1.22 on. */
export const ACCURACY_TOOLCHAINS: readonly Toolchain[] = ['1.22.12', '1.24.13', '1.26.8', '1.27.1'];

/**
 * Between the two readings of one change, the kernel may give the CPU to somebody else. Whatever lies further apart than
 * this was disturbed so, and says nothing about either tracer: such stretches are counted apart.
 */
export const DISTURBED_NS = 20_000;

/**
 * Of a state that was entered less often, sums say nothing: an event on a cold path takes Go's tracer 5 to 15 µs to write
 * (a new stack, a new buffer).
 */
export const FEW_SPANS = 20;

export interface StateAccuracy {
  readonly state: string;
  readonly spans: number;
  readonly disturbed: number;
  /** Sums over the undisturbed spans. */
  readonly goNs: number;
  readonly tapeNs: number;
  /** How much later Go saw the state begin: median, and 90th percentile of its size, over all spans. */
  readonly lagNs: number;
  readonly lag90Ns: number;
}

export interface Accuracy {
  readonly goroutines: number;
  readonly spans: number;
  readonly disturbed: number;
  readonly quickP: number;
  /** Mean size of the lag at an undisturbed change: the time that the two name differently there. */
  readonly meanLagNs: number;
  /** Goroutines for which the two contradict each other, and how. Empty: every sequence of states is the same. */
  readonly differences: readonly string[];
  /** Longest total first. */
  readonly states: readonly StateAccuracy[];
}

/** Programs that trace themselves, and how they are told to. */
export const SELF_TRACING = {
  /** 230 goroutines at a steady rate: CPU, timers, locks, channels, files, sockets. */
  mixed: (toolchain: Toolchain, traceFile: string) => ({
    command: [buildGo('../bench/workload/main.go', { toolchain }), '-mode', 'mixed', '-d', '1.2s', '-trace', traceFile],
    env: {},
  }),
  /** Two pairs as fast as they can, a goroutine that never stops, short lives, the collector again and again. */
  family: (toolchain: Toolchain, traceFile: string) => ({
    command: [buildGo('family/main.go', { toolchain })],
    env: { GOTAPE_RUNTIME_TRACE: traceFile },
  }),
  /** Panics, a locked thread, commands, thousands of short lives, a collector without room. */
  script: (toolchain: Toolchain, traceFile: string) => ({
    command: [buildGo('script/main.go', { toolchain })],
    env: { GOTAPE_RUNTIME_TRACE: traceFile },
  }),
} as const;

export async function measureAccuracy(
  workspace: Workspace,
  program: keyof typeof SELF_TRACING,
  toolchain: Toolchain,
): Promise<Accuracy> {
  const goFile = workspace.path('go.trace');
  const { command, env } = SELF_TRACING[program](toolchain, goFile);
  const { file } = await recordCommand(workspace, command, { env });
  const tape = await readTapeSpans(file);
  return compare(tape.spans, readGoTrace(goFile, tape.startNs));
}

function compare(tape: SpansByGoid, go: SpansByGoid): Accuracy {
  const pairs: Pair[] = [];
  const differences: string[] = [];
  const counts = { goroutines: 0, quickP: 0 };
  for (const [goid, goSpans] of go) {
    const aligned = alignSpans(tape.get(goid) ?? [], goSpans);
    if (aligned === undefined) continue;
    counts.goroutines++;
    counts.quickP += aligned.quickP;
    for (const pair of aligned.pairs) pairs.push(pair);
    if (aligned.difference !== '') differences.push(`goroutine ${goid}: ${aligned.difference}`);
  }
  const calm = pairs.filter((pair) => pair.begun && !isDisturbed(pair));
  return {
    ...counts,
    spans: pairs.length,
    disturbed: pairs.filter(isDisturbed).length,
    meanLagNs: calm.reduce((sum, pair) => sum + Math.abs(lagOf(pair)), 0) / calm.length,
    differences,
    states: [...groupByState(pairs)].map(([state, own]) => stateOf(state, own)).sort((a, b) => b.goNs - a.goNs),
  };
}

function groupByState(pairs: readonly Pair[]): Map<string, Pair[]> {
  const groups = new Map<string, Pair[]>();
  for (const pair of pairs) {
    const group = groups.get(pair.tape.state);
    if (group === undefined) groups.set(pair.tape.state, [pair]);
    else group.push(pair);
  }
  return groups;
}

function stateOf(state: string, pairs: readonly Pair[]): StateAccuracy {
  const calm = pairs.filter((pair) => !isDisturbed(pair));
  const sum = (side: 'go' | 'tape') => calm.reduce((total, pair) => total + pair[side].endNs - pair[side].startNs, 0);
  const lags = pairs.filter(({ begun }) => begun).map(lagOf);
  return {
    state,
    spans: pairs.length,
    disturbed: pairs.length - calm.length,
    goNs: sum('go'),
    tapeNs: sum('tape'),
    lagNs: quantile(lags, 0.5),
    lag90Ns: quantile(lags.map(Math.abs), 0.9),
  };
}

function lagOf({ tape, go }: Pair): number {
  return go.startNs - tape.startNs;
}

function isDisturbed({ tape, go }: Pair): boolean {
  return Math.abs(go.startNs - tape.startNs) > DISTURBED_NS || Math.abs(go.endNs - tape.endNs) > DISTURBED_NS;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}
