/** Replay's memory of a goroutine ↔ {@link GoroutineState}: how a trace that was cut goes on where it begins. */
import { GoState } from '../model/go-state.js';
import { CAME_FROM_ANY, type GoroutineState } from '../model/goroutine-state.js';
import { Float, floatBase, type GoroutineRecords, PHASE_SHIFT, SEEN, Word, wordBase } from './goroutine-records.js';
import type { GoroutineTable } from './goroutine-table.js';
import { Phase, phaseByPair, reasonMaskByPair } from './phase.js';
import type { WaitingPhases } from './waiting-phases.js';

/** Undefined for a goroutine that had no event yet. */
export function saveState(
  { words, floats }: GoroutineRecords,
  goroutines: GoroutineTable,
  g: number,
): GoroutineState | undefined {
  const base = wordBase(g);
  const word = words[base + Word.state] ?? 0;
  if (word === 0) return undefined;
  const place = words[base + Word.place]!;
  return {
    pid: goroutines.pidOf(g),
    goid: goroutines.goidOf(g),
    state: word & 0xff,
    cameFrom: cameFrom(word & 0xff, word >>> PHASE_SHIFT),
    sinceNs: floats[floatBase(g) + Float.startNs]!,
    reason: words[base + Word.reason]!,
    tid: words[base + Word.tid]! >>> 0,
    cpu: place & 0xffff,
    p: place >>> 16,
    waker: floats[floatBase(g) + Float.waker]!,
    wakeSource: words[base + Word.wakeSource]!,
    stack: words[base + Word.stack]! >>> 0,
    lastNs: floats[floatBase(g) + Float.partNs]!,
    lastReason: words[base + Word.partReason]!,
    ranOnP: words[base + Word.ranOnP] !== 0,
  };
}

/** Of the goroutine's phases, which follow from a change, those that the state after it does not tell. */
function cameFrom(state: number, phase: number): number {
  if (phase === Phase.afterSyscall) return GoState.syscall;
  if (phase === Phase.preempted && state === GoState.waiting) return GoState.preempted;
  return CAME_FROM_ANY;
}

/** True when the goroutine is alive. Does nothing to a goroutine that had an event. */
export function restoreState(
  { words, floats }: GoroutineRecords,
  waiting: WaitingPhases,
  g: number,
  from: GoroutineState,
): boolean {
  const base = wordBase(g);
  if (words[base + Word.state] !== 0) return false;
  const before = from.cameFrom === CAME_FROM_ANY ? from.state : from.cameFrom;
  const pair = (before << 8) | from.state;
  const why = from.lastReason & reasonMaskByPair[pair]!;
  const phase = phaseByPair[pair]! + waiting.offsetByReason[why]!;
  words[base + Word.state] = from.state | SEEN | (phase << PHASE_SHIFT);
  words[base + Word.place] = from.cpu | (from.p << 16);
  words[base + Word.reason] = from.reason;
  words[base + Word.tid] = from.tid;
  words[base + Word.stack] = from.stack;
  words[base + Word.wakeSource] = from.wakeSource;
  words[base + Word.partReason] = why;
  words[base + Word.ranOnP] = from.ranOnP ? 1 : 0;
  floats[floatBase(g) + Float.startNs] = from.sinceNs;
  floats[floatBase(g) + Float.waker] = from.waker;
  floats[floatBase(g) + Float.partNs] = from.lastNs;
  return phase !== Phase.none;
}

/** True between birth and death, as far as events tell. */
export function isAlive({ words }: GoroutineRecords, g: number): boolean {
  const word = words[wordBase(g) + Word.state] ?? 0;
  return word !== 0 && word >>> PHASE_SHIFT !== Phase.none;
}
