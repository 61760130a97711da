/** A server's trace: any number of goroutines that each live for a moment, and a few that stay. */
import { GoState } from '../../src/model/go-state.js';
import type { GoroutineInfo } from '../../src/model/trace-facts.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { NO_P } from '../../src/model/transition-batch.js';
import { WakeSource } from '../../src/model/wake-source.js';
import { emptyFacts, MutableBatch } from './text-trace.js';

const { dead, runnable, running, waiting } = GoState;
const PID = 4242;
/** Each goroutine begins this much after the one before, and lives sixteen times as long. */
const STEP_NS = 500;
/** State, and when it is left for it, in steps: it runs, waits for a channel, runs again and ends. */
const LIFE = [
  [dead, runnable, 0],
  [runnable, running, 1],
  [running, waiting, 4],
  [waiting, runnable, 12],
  [runnable, running, 13],
  [running, dead, 16],
] as const;

/** @param perSegment goroutines that begin in a segment */
export function shortGoroutines(count: number, functions = 5, perSegment = 8192): TraceSource {
  return {
    facts: emptyFacts,
    reasons: ['', 'chan receive'],
    endNs: (count + LIFE.length + 20) * STEP_NS,
    async *segments() {
      for (let first = 0, index = 0; first < count + 16; first += perSegment, index++) {
        yield {
          index,
          transitions: rowsOf(first, count, perSegment),
          goroutines: infosOf(first, Math.min(first + perSegment, count), functions),
          gaps: [],
        };
      }
    },
  };
}

/** The rows of `steps` steps: of every goroutine that changes then. */
function rowsOf(first: number, count: number, steps: number): MutableBatch {
  const batch = new MutableBatch(steps * LIFE.length);
  let row = 0;
  for (let step = first; step < first + steps; step++) {
    for (const [from, to, after] of LIFE) {
      const goid = step - after + 1;
      if (goid < 1 || goid > count) continue;
      batch.timeNs[row] = step * STEP_NS;
      batch.goid[row] = goid;
      batch.pid[row] = PID;
      batch.p[row] = to === running ? goid % 8 : NO_P;
      batch.from[row] = from;
      batch.to[row] = to;
      batch.reason[row] = to === waiting ? 1 : 0;
      batch.waker[row] = to === runnable && goid > 1 ? goid - 1 : 0;
      batch.wakeSource[row] = to === runnable && goid > 1 ? WakeSource.goroutine : WakeSource.none;
      row++;
    }
  }
  return Object.assign(batch, { length: row });
}

function infosOf(first: number, to: number, functions: number): GoroutineInfo[] {
  const infos: GoroutineInfo[] = [];
  for (let goid = first + 1; goid <= to; goid++) {
    infos.push({
      pid: PID,
      goid,
      firstSeenNs: (goid - 1) * STEP_NS,
      origin: 'created',
      parentGoid: 0,
      startFunction: `main.handler${goid % functions}`,
      createdBy: '',
    });
  }
  return infos;
}
