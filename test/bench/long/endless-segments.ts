/**
 * Segments of a trace of any length. One stretch of a million legal rows ends with every goroutine as it was at its beginning, so that
 * it can follow itself for ever; its tables are encoded once, and a repetition differs only in `base_ns`, their first moment.
 */
import { GoState } from '../../../src/model/go-state.js';
import type { GoroutineInfo, TraceFacts } from '../../../src/model/trace-facts.js';
import { NO_P, sliceRows, type TransitionBatch } from '../../../src/model/transition-batch.js';
import { encodeTransitions } from '../../../src/trace/transitions-table.js';
import { syntheticTrace } from '../../support/synthetic-trace.js';
import { emptyFacts, MutableBatch } from '../../support/text-trace.js';

const { runnable, running, syscall, waiting, dead, copystack } = GoState;
const ROWS = 65_536;
const SEGMENTS = 16;
/** As many digits at every moment of 11 days, so that one number can stand in the place of another. */
const START_NS = 1_000_000_000_000_000n;
const PID = 4242;
const CHAN_RECEIVE = 1;
/** Between two rows of the way back. */
const STEP_NS = 100;

export const longFacts: TraceFacts = {
  ...emptyFacts,
  producer: 'gotape benchmark',
  start: { monotonicNs: String(START_NS), boottimeNs: String(START_NS), realtimeNs: '1700000000000000000' },
  targets: [
    {
      pid: PID,
      executable: '/synthetic',
      commandLine: ['/synthetic'],
      goVersion: 'go1.26.0',
      buildId: '',
      arch: 'x64',
      layout: [],
      warnings: [],
    },
  ],
};

export interface EndlessSegment {
  readonly rows: TransitionBatch;
  /** The table of these rows as it stands in a file. */
  readonly encoded: Uint8Array;
}

export interface Stretch {
  readonly reasons: readonly string[];
  readonly goroutines: readonly GoroutineInfo[];
  /** The segment of this number, `rows` of it at most. */
  segment(number: number, rows: number): EndlessSegment;
}

/** @param goroutines that live from the first row to the last */
export async function makeStretch(goroutines: number): Promise<Stretch> {
  const source = syntheticTrace({ goroutines, segments: SEGMENTS, rowsPerSegment: ROWS });
  const states = new Uint8Array(goroutines + 1).fill(waiting);
  const parts: TransitionBatch[] = [];
  const life = new EternalLife(goroutines);
  for await (const { transitions } of source.segments()) {
    life.lengthen(transitions);
    for (let row = 0; row < transitions.length; row++) states[transitions.goid[row]!] = transitions.to[row]!;
    parts.push(transitions);
  }
  const back = wayBack(states, parts.at(-1)!.timeNs.at(-1)!);
  for (let from = 0; from < back.length; from += ROWS)
    parts.push(sliceRows(back, from, Math.min(back.length, from + ROWS)));
  const lengthNs = parts.at(-1)!.timeNs.at(-1)! + STEP_NS;
  const encode = (rows: TransitionBatch) =>
    encodeTransitions(rows, { startMonotonicNs: START_NS, reasons: source.reasons, level: 3, withPid: false });
  const tables = parts.map((rows) => ({ rows, encoded: encode(rows) }));
  return {
    reasons: source.reasons,
    goroutines: Array.from({ length: goroutines }, (_, index) => infoOf(index + 1)),
    segment(number, rows) {
      const whole = tables[number % tables.length]!;
      const known = whole.rows.length <= rows ? whole : undefined;
      const part = known ?? { rows: sliceRows(whole.rows, 0, rows), encoded: encode(sliceRows(whole.rows, 0, rows)) };
      return shifted(part, Math.floor(number / tables.length) * lengthNs);
    },
  };
}

function infoOf(goid: number): GoroutineInfo {
  const startFunction = `example.com/service/worker.(*Pool${goid % 20}).run`;
  return { pid: PID, goid, firstSeenNs: 0, origin: 'found', parentGoid: 1, startFunction, createdBy: '' };
}

/** Instead of an exit a goroutine blocks; whoever would be created in its place is it again. */
class EternalLife {
  readonly #oldest: number;
  readonly #same = new Map<number, number>();
  #next: number;

  constructor(goroutines: number) {
    this.#oldest = goroutines;
    this.#next = goroutines + 1;
  }

  lengthen(batch: TransitionBatch): void {
    for (let row = 0; row < batch.length; row++) {
      const goid = this.#eternal(batch.goid[row]!);
      batch.goid[row] = goid;
      batch.waker[row] = this.#eternal(batch.waker[row]!);
      if (batch.from[row] === dead) batch.from[row] = waiting;
      if (batch.to[row] !== dead) continue;
      batch.to[row] = waiting;
      batch.reason[row] = CHAN_RECEIVE;
      this.#same.set(this.#next++, goid);
    }
  }

  #eternal(goid: number): number {
    return goid <= this.#oldest ? goid : this.#same.get(goid)!;
  }
}

/** Rows that let every goroutine block. */
function wayBack(states: Uint8Array, fromNs: number): TransitionBatch {
  const steps: (readonly [goid: number, from: number, to: number])[] = [];
  states.forEach((state, goid) => {
    if (state === waiting) return;
    if (state === runnable || state === syscall || state === copystack) steps.push([goid, state, running]);
    steps.push([goid, running, waiting]);
  });
  const batch = new MutableBatch(steps.length);
  for (const [row, [goid, from, to]] of steps.entries()) {
    batch.timeNs[row] = fromNs + (row + 1) * STEP_NS;
    batch.goid[row] = goid;
    batch.pid[row] = PID;
    batch.tid[row] = PID;
    batch.p[row] = to === running ? 0 : NO_P;
    batch.from[row] = from;
    batch.to[row] = to;
    batch.reason[row] = to === waiting ? CHAN_RECEIVE : 0;
  }
  return batch;
}

function shifted({ rows, encoded }: EndlessSegment, byNs: number): EndlessSegment {
  if (byNs === 0) return { rows, encoded };
  const firstNs = rows.timeNs[0]!;
  const text = (ns: number) => Buffer.from(String(START_NS + BigInt(ns)));
  const bytes = Buffer.from(encoded);
  const [before, after] = [text(firstNs), text(firstNs + byNs)];
  // Once in the schema, once in the footer.
  for (let at = bytes.indexOf(before); at >= 0; at = bytes.indexOf(before, at)) after.copy(bytes, at);
  return { rows: { ...rows, timeNs: rows.timeNs.map((timeNs) => timeNs + byNs) }, encoded: bytes };
}
