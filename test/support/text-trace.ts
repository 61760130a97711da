/**
 * Traces that a person can read and write. One line per event, `#` starts a comment:
 *
 *     TIME GOID FROM TO [reason=R] [waker=GOID] [by=SOURCE] [p=P] [tid=T] [cpu=C] [pid=PID] [stack=S]
 *     created GOID PARENT FUNCTION [at=NS] [pid=PID]       the creation was seen
 *     found GOID FUNCTION [pid=PID]                        it ran already
 *     gap FROM TO LOST
 *     segment                                              what follows is in the next segment
 *     end NS
 *
 * Times are nanoseconds, states have the names of `goStateName`, a reason's spaces are underscores (`IO_wait`).
 */
import { parseGoStateName } from '../../src/model/go-state.js';
import type { Gap, GoroutineInfo, Origin, TraceFacts } from '../../src/model/trace-facts.js';
import type { TraceSegment, TraceSource } from '../../src/model/trace-segment.js';
import { NO_P, NO_STACK, type TransitionBatch } from '../../src/model/transition-batch.js';
import { parseWakeSource, WakeSource } from '../../src/model/wake-source.js';

export const DEFAULT_PID = 1;

export const emptyFacts: TraceFacts = {
  formatVersion: 1,
  producer: 'text',
  host: { hostname: '', kernel: '', arch: '', bootId: '', cpus: 0 },
  start: { monotonicNs: '0', boottimeNs: '0', realtimeNs: '0' },
  targets: [],
  probes: [],
  invisible: [],
  options: { bufferBytes: 0, zstdLevel: 0, durationNs: 0, maxBytes: 0 },
  notes: [],
};

/** One transition as an object: what a line says. */
export interface Row {
  readonly timeNs: number;
  readonly goid: number;
  readonly pid: number;
  readonly tid: number;
  readonly cpu: number;
  readonly p: number;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly waker: number;
  readonly wakeSource: number;
  readonly stack: number;
}

export class MutableBatch implements TransitionBatch {
  readonly length: number;
  readonly timeNs: Float64Array;
  readonly goid: Float64Array;
  readonly pid: Uint32Array;
  readonly tid: Uint32Array;
  readonly cpu: Uint16Array;
  readonly p: Uint16Array;
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly reason: Uint16Array;
  readonly waker: Float64Array;
  readonly wakeSource: Uint8Array;
  readonly stack: Uint32Array;

  constructor(length: number) {
    this.length = length;
    this.timeNs = new Float64Array(length);
    this.goid = new Float64Array(length);
    this.pid = new Uint32Array(length);
    this.tid = new Uint32Array(length);
    this.cpu = new Uint16Array(length);
    this.p = new Uint16Array(length);
    this.from = new Uint8Array(length);
    this.to = new Uint8Array(length);
    this.reason = new Uint16Array(length);
    this.waker = new Float64Array(length);
    this.wakeSource = new Uint8Array(length);
    this.stack = new Uint32Array(length);
  }
}

/** The rows and facts of one segment, before they become columns. */
export interface TextSegment {
  readonly rows: Row[];
  readonly goroutines: GoroutineInfo[];
  readonly gaps: Gap[];
}

export interface ParsedText {
  readonly segments: TextSegment[];
  readonly endNs: number;
}

/** A source over text, and a source again and again: `segments()` may be called any number of times. */
export function textTrace(text: string, facts: Partial<TraceFacts> = {}): TraceSource {
  const { segments, endNs } = parseTextTrace(text);
  return traceOf(segments, endNs, facts);
}

/** A source over rows that a test made. Reasons are numbered in order of appearance, as the trace grows. */
export function traceOf(segments: readonly TextSegment[], endNs: number, facts: Partial<TraceFacts> = {}): TraceSource {
  const reasons = [''];
  return {
    facts: { ...emptyFacts, ...facts },
    reasons,
    endNs,
    async *segments() {
      for (const [index, segment] of segments.entries()) yield toSegment(index, segment, reasons);
    },
  };
}

export function parseTextTrace(text: string): ParsedText {
  const segments: TextSegment[] = [newSegment()];
  let endNs = 0;
  for (const line of text.split('\n')) {
    const words = line.replace(/#.*/, '').trim().split(/\s+/);
    const segment = segments.at(-1)!;
    if (words[0] === '') continue;
    if (words[0] === 'segment') segments.push(newSegment());
    else if (words[0] === 'end') endNs = Number(words[1]);
    else if (words[0] === 'gap') segment.gaps.push(parseGap(words));
    else if (words[0] === 'created') segment.goroutines.push(parseGoroutine('created', words.slice(1)));
    else if (words[0] === 'found') {
      segment.goroutines.push(parseGoroutine('found', [words[1]!, '0', ...words.slice(2)]));
    } else segment.rows.push(parseRow(line, words));
  }
  return { segments, endNs };
}

function newSegment(): TextSegment {
  return { rows: [], goroutines: [], gaps: [] };
}

function parseGap(words: readonly string[]): Gap {
  return { fromNs: Number(words[1]), toNs: Number(words[2]), lost: Number(words[3]), why: 'ring full' };
}

function parseGoroutine(origin: Origin, words: readonly string[]): GoroutineInfo {
  const options = parseOptions(words);
  return {
    pid: Number(options.get('pid') ?? DEFAULT_PID),
    goid: Number(words[0]),
    firstSeenNs: Number(options.get('at') ?? 0),
    origin,
    parentGoid: Number(words[1]),
    startFunction: words[2] ?? '',
    createdBy: '',
  };
}

function parseRow(line: string, words: readonly string[]): Row {
  const from = parseGoStateName(words[2] ?? '');
  const to = parseGoStateName(words[3] ?? '');
  if (from === undefined || to === undefined) throw new Error(`text trace: not a transition: ${line}`);
  const options = parseOptions(words);
  const waker = Number(options.get('waker') ?? 0);
  const source = options.get('by');
  return {
    timeNs: Number(words[0]),
    goid: Number(words[1]),
    pid: Number(options.get('pid') ?? DEFAULT_PID),
    tid: Number(options.get('tid') ?? 0),
    cpu: Number(options.get('cpu') ?? 0),
    p: Number(options.get('p') ?? NO_P),
    from,
    to,
    reason: (options.get('reason') ?? '').replaceAll('_', ' '),
    waker,
    wakeSource: source === undefined ? (waker === 0 ? WakeSource.none : WakeSource.goroutine) : parseWakeSource(source),
    stack: Number(options.get('stack') ?? NO_STACK),
  };
}

function parseOptions(words: readonly string[]): Map<string, string> {
  return new Map(words.filter((word) => word.includes('=')).map((word) => word.split('=', 2) as [string, string]));
}

function toSegment(index: number, segment: TextSegment, reasons: string[]): TraceSegment {
  const transitions = new MutableBatch(segment.rows.length);
  for (const [row, from] of segment.rows.entries()) {
    for (const column of [
      'timeNs',
      'goid',
      'pid',
      'tid',
      'cpu',
      'p',
      'from',
      'to',
      'waker',
      'wakeSource',
      'stack',
    ] as const) {
      transitions[column][row] = from[column];
    }
    if (!reasons.includes(from.reason)) reasons.push(from.reason);
    transitions.reason[row] = reasons.indexOf(from.reason);
  }
  return { index, transitions, goroutines: segment.goroutines, gaps: segment.gaps };
}
