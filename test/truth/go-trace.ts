/** What Go's own runtime/trace says of a run, as spans. */
import { execFileSync } from 'node:child_process';
import { buildGoModule } from '../support/go-build.js';
import type { SpanList, SpansByGoid } from './span-list.js';

/** Printed by gotrace-times; see its main.go. */
interface Printed {
  readonly reasons: readonly string[];
  readonly goroutines: readonly { readonly goid: number; readonly spans: readonly number[] }[];
}

/** Names of x/exp/trace's GoState; waiting ones are named by their reason. */
const STATE_NAMES = ['', 'not existing', 'sched wait', 'execution', 'block', 'syscall'];

/** Times are relative to `baseNs`, CLOCK_MONOTONIC. */
export function readGoTrace(file: string, baseNs: string): SpansByGoid {
  const text = execFileSync(buildGoModule('truth/gotrace-times'), ['-base', baseNs, file], {
    encoding: 'utf8',
    maxBuffer: 1 << 29,
  });
  const { reasons, goroutines } = JSON.parse(text) as Printed;
  return new Map(goroutines.map(({ goid, spans }) => [goid, spanList(spans, reasons)]));
}

function spanList(flat: readonly number[], reasons: readonly string[]): SpanList {
  const spans: SpanList = [];
  for (let i = 0; i < flat.length; i += 4) {
    const state = STATE_NAMES[flat[i + 2]!]!;
    const reason = reasons[flat[i + 3]!]!;
    spans.push({ startNs: flat[i]!, endNs: flat[i + 1]!, state: state === 'block' ? `block: ${reason}` : state });
  }
  return spans;
}
