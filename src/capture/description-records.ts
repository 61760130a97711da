/**
 * Records of the ring buffer that describe what events name: stacks, labels. They are rare, and told from events and from
 * each other by their length (bpf/gotape.h, GOTAPE_STACK_MARK).
 */
import type { Label } from '../model/trace-facts.js';
import { LABELS, LABELS_MARK, STACK, STACK_MARK, STACK_ROOT } from './bpf-layout.js';
import type { EventRing } from './event-ring.js';

const TWO_32 = 4_294_967_296;

/** Stands among labels of which there were more, or longer ones. */
const INCOMPLETE: Label = { key: '…', value: 'more or longer labels than are recorded' };

export interface StackRecord {
  readonly pid: number;
  /** 53 bits. */
  readonly hash: number;
  /** Return addresses, the innermost first. */
  readonly pcs: readonly number[];
  /** False when the walk ended before a frame without caller. */
  readonly rooted: boolean;
}

export interface LabelsRecord {
  readonly pid: number;
  readonly g: number;
  readonly goid: number;
  /** CLOCK_MONOTONIC, in two words. */
  readonly timeLow: number;
  readonly timeHigh: number;
  /** The goroutine is about to be created with them. */
  readonly created: boolean;
  /** Sorted by key. */
  readonly labels: readonly Label[];
}

export function isStack(recordBytes: number): boolean {
  return recordBytes % 8 === STACK_MARK;
}

export function isLabels(recordBytes: number): boolean {
  return recordBytes % 8 === LABELS_MARK;
}

/** @param at of the record, behind its header */
export function readStack(ring: EventRing, at: number): StackRecord {
  const count = ring.u16[(at + STACK.count) >>> 1]!;
  return {
    pid: ring.u32[(at + STACK.tgid) >>> 2]!,
    hash: readNumber(ring, at + STACK.hash),
    pcs: Array.from({ length: count }, (_, i) => readNumber(ring, at + STACK.pcs + 8 * i)),
    rooted: ring.u16[(at + STACK.end) >>> 1] === STACK_ROOT,
  };
}

export function readLabels(ring: EventRing, at: number): LabelsRecord {
  const time = (at + LABELS.time_ns) >>> 2;
  return {
    pid: ring.u32[(at + LABELS.tgid) >>> 2]!,
    g: readNumber(ring, at + LABELS.g),
    goid: readNumber(ring, at + LABELS.goid),
    timeLow: ring.u32[time]!,
    timeHigh: ring.u32[time + 1]!,
    created: ring.u8[at + LABELS.created] !== 0,
    labels: readTexts(ring, at),
  };
}

function readTexts({ u8, u16 }: EventRing, record: number): Label[] {
  const labels: Label[] = [];
  const count = u16[(record + LABELS.count) >>> 1]!;
  let at = record + LABELS.text;
  const text = () => {
    const start = at + 2;
    at = start + u8[at]! + u8[at + 1]! * 256;
    // A copy: TextDecoder takes no view of memory that is shared with the kernel in some versions of Node.
    return new TextDecoder().decode(u8.slice(start, at));
  };
  for (let i = 0; i < count; i++) labels.push({ key: text(), value: text() });
  if (u8[record + LABELS.incomplete] !== 0) labels.push(INCOMPLETE);
  return labels.sort((a, b) => (a.key < b.key ? -1 : 1));
}

function readNumber({ u32 }: EventRing, at: number): number {
  return u32[(at >>> 2) + 1]! * TWO_32 + u32[at >>> 2]!;
}
