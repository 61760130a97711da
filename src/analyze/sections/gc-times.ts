/**
 * The garbage collector and stopped worlds as goroutines felt them. Wait reasons of the runtime tell what a goroutine did
 * for it; how long the world stood still is in no goroutine's state, and is said to be unknown.
 */
import { type Span, SpanKind } from '../../model/span.js';
import type { Collector, CollectorInput } from '../collector.js';
import { DurationTally, type Part, statsOf } from '../duration-tally.js';
import type { GcSection } from '../sections.js';
import { GcCycleTally, type GcWork } from './gc-cycles.js';

interface Felt {
  readonly meaning: string;
  readonly work: GcWork | undefined;
}

const PREEMPTED = 'preempted for a stack scan';

/** By wait reason of system-stack time. */
const FELT: Readonly<Record<string, Felt>> = {
  'GC assist marking': { meaning: 'a goroutine that allocates had to mark', work: 'assist' },
  'GC worker (active)': { meaning: 'a dedicated or idle-time mark worker marked', work: 'worker' },
  'GC mark termination': { meaning: 'asked all Ps whether marking is done, again until it was', work: undefined },
  'garbage collection': { meaning: 'ended the mark phase, with the world stopped', work: 'termination' },
  'garbage collection scan': { meaning: 'worked for the collector', work: 'worker' },
  'stopping the world': { meaning: 'waited until all Ps had stopped', work: 'stopping' },
  'flushing proc caches': { meaning: "returned the Ps' caches to the heap", work: undefined },
};

/** Goroutines that block because of the collector, by wait reason. */
const BLOCKED: Readonly<Record<string, string>> = {
  'GC assist wait': 'waited for others to mark: it allocates faster than the collector marks',
  'wait for GC cycle': 'waited for a cycle to end (runtime.GC)',
  'GC sweep wait': '',
};

export class GcTimes implements Collector {
  readonly #input: CollectorInput;
  readonly #felt = new Map<string, { readonly tally: DurationTally; readonly goroutines: Set<number> }>();
  readonly #cycles: GcCycleTally;

  constructor(input: CollectorInput) {
    this.#input = input;
    this.#cycles = new GcCycleTally(input.top);
  }

  span(span: Span, part: Part): void {
    const ns = span.endNs - span.startNs;
    if (span.kind === SpanKind.preempted) {
      this.#add(PREEMPTED, span.goroutine, ns, part);
      this.#cycles.add('preempted', span.startNs, span.endNs);
    } else if (span.kind === SpanKind.waiting) {
      const reason = this.#input.reasons[span.reason] ?? '';
      if (BLOCKED[reason]) this.#add(reason, span.goroutine, ns, part);
    }
  }

  systemStack(span: Span, part: Part): void {
    const reason = this.#input.reasons[span.reason] ?? '';
    const felt = FELT[reason];
    if (felt === undefined) return;
    this.#add(reason, span.goroutine, span.endNs - span.startNs, part);
    if (felt.work !== undefined) this.#cycles.add(felt.work, span.startNs, span.endNs);
  }

  result(): GcSection {
    const felt = [...this.#felt].map(([what, { tally, goroutines }]) => ({
      what,
      meaning:
        what === PREEMPTED ? 'stopped until its stack was scanned' : (FELT[what]?.meaning ?? BLOCKED[what] ?? ''),
      goroutines: goroutines.size,
      ...statsOf(tally),
    }));
    const cycles = this.#cycles.result();
    return {
      felt: felt.sort((a, b) => b.totalNs - a.totalNs || (a.what < b.what ? -1 : 1)),
      cycles,
      limits: [
        'how long the world stood still is not recorded: "stopping the world" is the wait until it did, for the goroutine ' +
          'that stopped it; goroutines that were running meanwhile are still called running',
        ...(cycles === null && felt.length > 0
          ? ['cycles cannot be told apart: no "garbage collection" is in the trace (Go 1.19 gives no such reason)']
          : []),
      ],
    };
  }

  #add(what: string, goroutine: number, ns: number, part: Part): void {
    let felt = this.#felt.get(what);
    if (felt === undefined) {
      felt = { tally: new DurationTally(), goroutines: new Set() };
      this.#felt.set(what, felt);
    }
    felt.goroutines.add(goroutine);
    felt.tally.addPart(ns, part);
  }
}
