/**
 * Writes a trace without what it tells about whose it is (docs/format.md, "Redacted traces"). Rows stay as they are: no
 * string of the program is in them.
 */
import { nextTurn } from '../../../base/next-turn.js';
import type { ClockFact } from '../../../model/trace-facts.js';
import type { TraceSegment } from '../../../model/trace-segment.js';
import type { TransitionBatch } from '../../../model/transition-batch.js';
import type { ByteSink } from '../../archive-writer.js';
import type { TraceFile } from '../../trace-file.js';
import { TraceWriter } from '../../trace-writer.js';
import { assertWhole, isAttachment, otherEntries } from '../whole-trace.js';
import { redactHeader } from './header-redactor.js';
import { IdMap, type Ids } from './id-map.js';
import { NameRedactor, publicPackages } from './name-redactor.js';
import { Pseudonyms } from './pseudonyms.js';
import { isPlainReason } from './public-facts.js';
import { redactDetails, redactGoroutine } from './redact-details.js';
import { collectSensitive } from './sensitive-of-trace.js';

export interface RedactOptions {
  readonly key: Uint8Array;
  /** Patterns of packages whose names stay. */
  readonly keep: readonly string[];
  /** Notes and attachments stay as they are. */
  readonly keepAttachments: boolean;
  /** Processes and threads are numbered anew. */
  readonly renumber: boolean;
  /** Moves the clocks, so that neither the time of day nor the host's uptime is told. */
  readonly moveClocks: boolean;
  readonly level: number;
}

/** A day that nobody takes for the real one: 2000-01-01 UTC. */
const MOVED_REALTIME_NS = 946_684_800_000_000_000n;
const MOVED_MONOTONIC_NS = 1_000_000_000n;
/** ZIP cannot tell an earlier one. */
const NO_DATE = new Date(1980, 0, 1);

/** Returns the names of entries that were left out. @throws UserError for a trace that is not whole */
export async function redactTrace(trace: TraceFile, sink: ByteSink, options: RedactOptions): Promise<string[]> {
  const { facts } = trace;
  const isPublic = publicPackages(options.keep);
  const { strings } = await collectSensitive(trace, isPublic);
  assertWhole(trace);
  const pseudonyms = new Pseudonyms(options.key);
  const names = new NameRedactor(pseudonyms, isPublic);
  const scrub = scrubber(strings, pseudonyms);
  const ids = { pid: new IdMap(options.renumber), tid: new IdMap(options.renumber) };
  const clocksOf = options.moveClocks ? clockMover : () => (clock: ClockFact) => clock;
  const redacted = redactHeader(facts, {
    names,
    pseudonyms,
    scrub,
    clocksOf,
    pidOf: (pid) => ids.pid.of(pid),
    keepNotes: options.keepAttachments,
  });
  const writer = new TraceWriter(sink, redacted, {
    reasons: redactedReasons(trace, pseudonyms),
    level: options.level,
    modified: NO_DATE,
  });
  const by = { names, pseudonyms, ids };
  for await (const segment of trace.segments()) {
    const goroutines = segment.goroutines.map((info) => redactGoroutine(info, by));
    const gaps = segment.gaps.map((gap) => ({
      ...gap,
      why: scrub(gap.why),
      ...(gap.stream === undefined ? {} : { stream: scrub(gap.stream) }),
    }));
    const { transitions, states, after } = options.renumber ? renumberedSegment(segment, ids) : segment;
    writer.segment(transitions, goroutines, gaps, { states, after, ...redactDetails(segment, by) });
    await nextTurn();
  }
  const leftOut = copyOthers(trace, writer, options.keepAttachments);
  const summary = trace.summary!;
  writer.finish({
    ...summary,
    end: clocksOf(facts.start)(summary.end),
    stopReason: scrub(summary.stopReason),
    ...(summary.repaired === undefined ? {} : { repaired: summary.repaired.map(scrub) }),
  });
  return leftOut;
}

function copyOthers(trace: TraceFile, writer: TraceWriter, keepAttachments: boolean): string[] {
  const leftOut: string[] = [];
  for (const entry of otherEntries(trace)) {
    if (keepAttachments && isAttachment(entry)) writer.entry(entry.name, trace.readEntry(entry));
    else leftOut.push(entry.name);
  }
  return leftOut;
}

/** The first pass has read every segment: the list is complete. */
function redactedReasons({ reasons }: TraceFile, pseudonyms: Pseudonyms): string[] {
  return reasons.map((reason) => (isPlainReason(reason) ? reason : pseudonyms.of('reason', reason)));
}

/** Longer strings first: they contain others. Texts repeat, so each is worked on once. */
function scrubber(strings: ReadonlySet<string>, pseudonyms: Pseudonyms): (text: string) => string {
  const ordered = [...strings].toSorted((a, b) => b.length - a.length);
  const known = new Map<string, string>();
  return (text) => {
    let scrubbed = known.get(text);
    if (scrubbed === undefined) {
      scrubbed = text;
      for (const word of ordered)
        if (scrubbed.includes(word)) scrubbed = scrubbed.replaceAll(word, pseudonyms.of('text', word));
      known.set(text, scrubbed);
    }
    return scrubbed;
  };
}

function clockMover(start: ClockFact): (clock: ClockFact) => ClockFact {
  const moved = (clock: string, from: string, to: bigint) => {
    const since = BigInt(clock) - BigInt(from);
    return String(since > -to ? to + since : 0n);
  };
  return ({ monotonicNs, boottimeNs, realtimeNs }) => ({
    monotonicNs: moved(monotonicNs, start.monotonicNs, MOVED_MONOTONIC_NS),
    boottimeNs: moved(boottimeNs, start.boottimeNs, MOVED_MONOTONIC_NS),
    realtimeNs: moved(realtimeNs, start.realtimeNs, MOVED_REALTIME_NS),
  });
}

function renumberedSegment({ transitions, states, after }: TraceSegment, ids: Ids) {
  return {
    transitions: renumbered(transitions, ids),
    states: states?.map((state) => ({ ...state, pid: ids.pid.of(state.pid), tid: ids.tid.of(state.tid) })),
    after: after && renumbered(after, ids),
  };
}

function renumbered(batch: TransitionBatch, ids: Ids): TransitionBatch {
  const { length } = batch;
  return {
    ...batch,
    length,
    pid: batch.pid.subarray(0, length).map((id) => ids.pid.of(id)),
    tid: batch.tid.subarray(0, length).map((id) => ids.tid.of(id)),
  };
}
