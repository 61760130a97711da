/** What came in and what went out, counted apart from each other, so that nothing is lost in between unnoticed. */
import { formatCount } from '../../base/text.js';
import { SPAN_KIND_NAMES, type SpanKind } from '../../model/span.js';
import { ExactSum } from '../exact-sum.js';

/** Of one kind of span. A span goes out as a slice, as a state of a thread, or as both. */
export interface KindAudit {
  readonly kind: string;
  spans: number;
  readonly spanNs: ExactSum;
  slices: number;
  readonly sliceNs: ExactSum;
  /** States of threads: the layout with native states only. */
  states: number;
  readonly stateNs: ExactSum;
  /** Time before a goroutine's first event, which has a slice and no state; or what was seen last before unknown time. */
  stateless: number;
  readonly statelessNs: ExactSum;
}

/** What one layout has to write of a kind. */
export interface Expected {
  readonly slices: (kind: SpanKind) => boolean;
  readonly states: boolean;
}

export class PerfettoAudit {
  readonly kinds: readonly KindAudit[] = SPAN_KIND_NAMES.map(newKind);
  readonly systemStack: KindAudit = newKind('system stack');
  /** Lives of goroutines, each one slice around its spans. */
  readonly lives = { begun: 0, slices: 0, ns: new ExactSum(), sliceNs: new ExactSum() };
  /** Running spans: `spans = onP + withoutP + elsewhere`. */
  readonly runs = {
    spans: 0,
    /** On the track of the P that the trace names. */
    onP: 0,
    /** The trace names no P: on a track without one. */
    withoutP: 0,
    /** Another goroutine had the P at that time, says the trace: on a track without P. */
    elsewhere: 0,
  };
  /** Wake-ups by goroutines: `wakeups = arrows + wakerUnknown + sameInstant`. */
  readonly flows = {
    wakeups: 0,
    arrows: 0,
    /** No slice of the waker holds that moment: it is not in the trace, or was not seen then. */
    wakerUnknown: 0,
    /** The wakee has no runnable slice that begins then: the event does not continue what was known of it. */
    wakeeUnknown: 0,
    /** The waker's slice begins at the very moment of the wake-up, and was known only later. */
    sameInstant: 0,
  };
  /** Losses: each a slice, or an instant where it has no length or too many lie side by side. */
  readonly gaps = { gaps: 0, slices: 0, instants: 0 };
  /** Changes of OS threads: each begins a slice, but for exits and what ends before the window, or begins behind it. */
  readonly osThreads = { changes: 0, slices: 0, exits: 0, outside: 0 };
  /** Calls of functions: `calls = slices + goroutineUnknown + overlapping + outside (the window) + tooDeep` (for the UI). */
  readonly calls = { calls: 0, slices: 0, goroutineUnknown: 0, overlapping: 0, outside: 0, tooDeep: 0 };
  goroutines = 0;
  tracks = 0;
  counterPoints = 0;

  get slices(): number {
    return this.kinds.reduce((sum, { slices }) => sum + slices, 0);
  }

  get states(): number {
    return this.kinds.reduce((sum, { states }) => sum + states, 0);
  }

  get spans(): number {
    return this.kinds.reduce((sum, { spans }) => sum + spans, 0);
  }

  /** @throws Error when something came in that neither went out nor was left out for a reason. */
  check(expected: Expected): void {
    for (const [kind, audit] of this.kinds.entries()) {
      if (expected.slices(kind as SpanKind)) checkSlices(audit);
      else expectEqual(`${audit.kind} slices`, 0, audit.slices);
      if (expected.states) checkStates(audit);
    }
    checkSlices(this.systemStack);
    const { lives, runs, flows, gaps, osThreads } = this;
    expectEqual('goroutine lives', lives.begun, lives.slices);
    expectEqual('ns of goroutine lives', lives.ns.value, lives.sliceNs.value);
    const spanNs = this.kinds.reduce((sum, kind) => sum + kind.spanNs.value, 0n);
    expectEqual('ns of spans within lives', lives.ns.value, spanNs);
    expectEqual('running spans on Ps', runs.spans, runs.onP + runs.withoutP + runs.elsewhere);
    const { wakeups, arrows, wakerUnknown, wakeeUnknown, sameInstant } = flows;
    expectEqual('wake-ups', wakeups, arrows + wakerUnknown + wakeeUnknown + sameInstant);
    expectEqual('losses', gaps.gaps, gaps.slices + gaps.instants);
    const { calls } = this;
    const { goroutineUnknown, overlapping, outside, tooDeep } = calls;
    expectEqual('calls', calls.calls, calls.slices + goroutineUnknown + overlapping + outside + tooDeep);
    expectEqual('changes of OS threads', osThreads.changes, osThreads.slices + osThreads.exits + osThreads.outside);
  }

  /** One line for people. */
  summary(): string {
    const { runs, flows, gaps, osThreads, systemStack, calls } = this;
    const count = (n: number, what: string) => `${formatCount(n)} ${what}`;
    const parts = [`${count(this.spans, 'spans')} of ${count(this.goroutines, 'goroutines')}`];
    if (this.states > 0) parts.push(count(this.states, 'thread states'));
    parts.push(`${count(this.slices, 'slices')} on ${count(this.tracks, 'tracks')}`);
    parts.push(count(runs.onP, 'runs on Ps'));
    if (runs.withoutP > 0) parts.push(count(runs.withoutP, 'without a P'));
    if (runs.elsewhere > 0) parts.push(count(runs.elsewhere, 'on a P that another had'));
    if (systemStack.slices > 0) parts.push(count(systemStack.slices, 'system-stack slices'));
    if (flows.wakeups > 0) parts.push(`${formatCount(flows.arrows)} of ${count(flows.wakeups, 'wake-ups as arrows')}`);
    if (calls.calls > 0) parts.push(count(calls.slices, 'calls'));
    if (calls.goroutineUnknown > 0) parts.push(count(calls.goroutineUnknown, 'calls of unknown goroutines left out'));
    if (calls.overlapping > 0) parts.push(count(calls.overlapping, 'calls left out that do not nest'));
    if (calls.tooDeep > 0) parts.push(count(calls.tooDeep, 'calls left out that are too deep for the UI'));
    if (osThreads.changes > 0) parts.push(count(osThreads.slices, 'slices of OS threads'));
    if (gaps.gaps > 0) parts.push(count(gaps.gaps, 'losses'));
    return parts.join(', ');
  }
}

function newKind(kind: string): KindAudit {
  return {
    kind,
    spans: 0,
    spanNs: new ExactSum(),
    slices: 0,
    sliceNs: new ExactSum(),
    states: 0,
    stateNs: new ExactSum(),
    stateless: 0,
    statelessNs: new ExactSum(),
  };
}

function checkSlices({ kind, spans, spanNs, slices, sliceNs }: KindAudit): void {
  expectEqual(`${kind} spans`, spans, slices);
  expectEqual(`ns of ${kind} spans`, spanNs.value, sliceNs.value);
}

function checkStates({ kind, spans, spanNs, states, stateNs, stateless, statelessNs }: KindAudit): void {
  expectEqual(`${kind} spans`, spans, states + stateless);
  expectEqual(`ns of ${kind} spans`, spanNs.value, stateNs.value + statelessNs.value);
}

function expectEqual(what: string, handedIn: number | bigint, accountedFor: number | bigint): void {
  if (handedIn === accountedFor) return;
  throw new Error(
    `conversion audit: ${what}: ${handedIn} came in, ${accountedFor} are accounted for (a defect of gotape)`,
  );
}
