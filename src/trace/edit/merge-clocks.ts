/**
 * When several recordings happened, on one clock.
 *
 * 1. Recordings of one boot share CLOCK_MONOTONIC: nothing is uncertain.
 * 2. Those of other boots or hosts are placed by wall-clock time: realtime − monotonic at their anchors (start and end).
 * 3. Time 0 is the earliest start; its boot's monotonic clock is the clock of the merged trace.
 */
import { UserError } from '../../base/errors.js';
import type { ClockFact } from '../../model/trace-facts.js';
import type { MergeInput } from './merge-input.js';

/**
 * How much the wall clocks of two hosts differ although both are synchronized (NTP in one network). Clocks that are not
 * differ by more, which no file can tell.
 */
const WALL_CLOCK_NS = 1_000_000n;

export interface Placed extends MergeInput {
  /** Recordings with an equal key share a monotonic clock. */
  readonly boot: string;
  /** Its time 0 in the merged trace, and how wrong that may be. */
  readonly offsetNs: number;
  readonly uncertaintyNs: number;
  readonly alignment: 'monotonic' | 'realtime';
}

/** In order of time; the order of the inputs does not matter. @throws UserError */
export function placeInTime(inputs: readonly MergeInput[]): Placed[] {
  const boots = byBoot(inputs);
  if (boots.size > 1) for (const input of inputs) assertWallClock(input);
  const clocks = new Map([...boots].map(([boot, ofBoot]) => [boot, offsets(ofBoot)]));
  const wallOf = (input: MergeInput) => startOf(input) + clocks.get(bootOf(input))!.middle;
  const first = inputs.reduce((a, b) => ((compare(wallOf(a), wallOf(b)) || compare(bootOf(a), bootOf(b))) > 0 ? b : a));
  const own = clocks.get(bootOf(first))!;
  const placed = inputs.map((input): Placed => {
    const boot = bootOf(input);
    const sharesClock = boot === bootOf(first);
    const uncertainty = sharesClock ? 0n : clocks.get(boot)!.spread + own.spread + WALL_CLOCK_NS;
    return {
      ...input,
      boot,
      offsetNs: Number(wallOf(input) - wallOf(first)),
      uncertaintyNs: Number(uncertainty),
      alignment: sharesClock ? 'monotonic' : 'realtime',
    };
  });
  return placed.sort(inOrder);
}

function byBoot(inputs: readonly MergeInput[]): Map<string, MergeInput[]> {
  const boots = new Map<string, MergeInput[]>();
  for (const input of inputs) boots.set(bootOf(input), [...(boots.get(bootOf(input)) ?? []), input]);
  return boots;
}

function bootOf({ trace, name }: MergeInput): string {
  const { bootId } = trace.facts.host;
  // Without a boot id nothing says that two monotonic clocks are one.
  return bootId === '' ? `unknown boot of ${name}` : bootId;
}

function startOf({ trace }: MergeInput): bigint {
  return BigInt(trace.facts.start.monotonicNs);
}

/** realtime − monotonic over the anchors of one boot: its middle, and how far they are from it. */
function offsets(inputs: readonly MergeInput[]): { middle: bigint; spread: bigint } {
  const all = inputs
    .flatMap(({ trace }) => anchorsOf(trace.facts.start, trace.summary?.end))
    .map(({ realtimeNs, monotonicNs }) => BigInt(realtimeNs) - BigInt(monotonicNs))
    .sort(compare);
  const middle = (all[0]! + all.at(-1)!) / 2n;
  return { middle, spread: all.at(-1)! - middle };
}

function anchorsOf(start: ClockFact, end: ClockFact | undefined): ClockFact[] {
  return end === undefined || end.realtimeNs === '0' ? [start] : [start, end];
}

function assertWallClock({ name, trace }: MergeInput): void {
  if (trace.facts.start.realtimeNs !== '0') return;
  throw new UserError(`${name}: says no wall-clock time, so it cannot be placed among traces of other boots`);
}

function inOrder(a: Placed, b: Placed): number {
  return (
    a.offsetNs - b.offsetNs ||
    // Who shares the clock of the merged trace first.
    compare(a.alignment, b.alignment) ||
    compare(a.fromNs, b.fromNs) ||
    compare(a.toNs, b.toNs) ||
    compare(a.boot, b.boot) ||
    compare([...a.pids].join(), [...b.pids].join())
  );
}

function compare<T extends bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
