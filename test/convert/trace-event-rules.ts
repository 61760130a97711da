/** The rules that every Chrome trace of gotape keeps, checked without any code of the writer. */
import type { ByteSink } from '../../src/convert/byte-sink.js';

export interface TraceEvent {
  readonly ph: 'X' | 'i' | 'C' | 'M' | 's' | 'f';
  readonly cat: string;
  readonly name: string;
  readonly pid: number;
  readonly tid?: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: Readonly<Record<string, string | number>>;
  readonly s?: string;
  readonly id?: number;
  readonly bp?: string;
}

/** A slice in integer nanoseconds. */
export interface Slice {
  readonly startNs: number;
  readonly endNs: number;
  readonly event: TraceEvent;
}

/** Slices that may begin between the outermost around a moment and that moment, in the traces of tests. */
const DEEPEST = 200;
const MAX_ID = 2 ** 32 - 1;
const BAD_TS = /"ts":(?!\d+\.\d{3}[,}])/;
/** A hundredth of a nanosecond or more too short, so that no float sum reaches into the next slice. */
const BAD_DUR = /"dur":(?!\d+\.\d{3}[5-9]\d[,}])/;

/** Collects what a converter writes. */
export class MemorySink implements ByteSink {
  readonly chunks: Uint8Array[] = [];

  async write(bytes: Uint8Array): Promise<void> {
    this.chunks.push(bytes.slice());
  }

  get text(): string {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(this.chunks));
  }
}

/** Parses a trace. @throws Error at the first rule that it breaks */
export function checkTraceEvents(text: string): TraceEvent[] {
  for (const line of text.split('\n')) {
    if (BAD_TS.test(line)) throw new Error(`a time without exactly three decimals: ${line}`);
    if (BAD_DUR.test(line)) throw new Error(`a duration without exactly five decimals: ${line}`);
  }
  const events = JSON.parse(text) as TraceEvent[];
  events.forEach(checkEvent);
  for (const slices of slicesByTrack(events).values()) {
    checkNesting(slices);
    checkFloatSums(slices);
  }
  checkFlows(events);
  return events;
}

function checkEvent(event: TraceEvent): void {
  const fail = (rule: string) => new Error(`${rule}: ${JSON.stringify(event)}`);
  if (!['X', 'i', 'C', 'M', 's', 'f'].includes(event.ph)) throw fail('unexpected phase');
  if (!event.cat || !event.name) throw fail('no category or no name');
  if (!isId(event.pid)) throw fail('pid out of range');
  if (['X', 'i', 's', 'f'].includes(event.ph) && !isId(event.tid)) throw fail('tid out of range');
  if (event.ph !== 'M' && !(typeof event.ts === 'number' && event.ts >= 0)) throw fail('no time');
  if (event.ph === 'X' && !(typeof event.dur === 'number' && event.dur > 0)) throw fail('a slice without length');
}

/** 0 means "the main thread" to Perfetto, and so does what does not fit in 32 bits. */
function isId(id: number | undefined): boolean {
  return id !== undefined && Number.isInteger(id) && id > 0 && id <= MAX_ID;
}

export function slicesByTrack(events: readonly TraceEvent[]): Map<string, Slice[]> {
  const tracks = new Map<string, Slice[]>();
  for (const event of events) {
    if (event.ph !== 'X') continue;
    const startNs = Math.round((event.ts ?? 0) * 1000);
    const key = `${event.pid}/${event.tid}`;
    const slices = tracks.get(key) ?? [];
    slices.push({ startNs, endNs: startNs + Math.round((event.dur ?? 0) * 1000), event });
    tracks.set(key, slices);
  }
  return tracks;
}

/** Slices of one track lie inside of each other or apart. */
function checkNesting(slices: Slice[]): void {
  const open: Slice[] = [];
  for (const slice of slices.sort(
    (a, b) => a.startNs - b.startNs || b.endNs - a.endNs || b.event.dur! - a.event.dur!,
  )) {
    while (open.length > 0 && open.at(-1)!.endNs <= slice.startNs) open.pop();
    const outer = open.at(-1);
    if (outer && slice.endNs > outer.endNs) {
      throw new Error(`slices overlap: ${JSON.stringify(outer.event)} and ${JSON.stringify(slice.event)}`);
    }
    open.push(slice);
  }
}

/**
 * speedscope takes the first `ts` of a track away and adds `dur`, all as floats; then ends must come in the order of nesting.
 * `slices` are in order of their start, outer ones first.
 */
function checkFloatSums(slices: readonly Slice[]): void {
  const first = Math.min(...slices.map(({ event }) => event.ts!));
  const open: { readonly slice: Slice; readonly end: number }[] = [];
  for (const slice of slices) {
    const begin = slice.event.ts! - first;
    const end = begin + slice.event.dur!;
    while (open.length > 0 && open.at(-1)!.slice.endNs <= slice.startNs) {
      if (open.pop()!.end > begin) throw new Error(`ends late as a float: before ${JSON.stringify(slice.event)}`);
    }
    if (open.length > 0 && end >= open.at(-1)!.end) {
      throw new Error(`ends with or after its outer slice as a float: ${JSON.stringify(slice.event)}`);
    }
    open.push({ slice, end });
  }
}

/** Both ends of an arrow lie in slices, which stand before it in the file where they begin at that moment. */
function checkFlows(events: readonly TraceEvent[]): void {
  const begun = new Set<string>();
  const byTrack = new Map(
    [...slicesByTrack(events)].map(([track, slices]) => [track, slices.toSorted((a, b) => a.startNs - b.startNs)]),
  );
  const starts = new Map<number, TraceEvent>();
  for (const event of events) {
    const track = `${event.pid}/${event.tid}`;
    if (event.ph === 'X') begun.add(`${track} ${Math.round(event.ts! * 1000)}`);
    if (event.ph !== 's' && event.ph !== 'f') continue;
    const fail = (rule: string) => new Error(`${rule}: ${JSON.stringify(event)}`);
    const timeNs = Math.round(event.ts! * 1000);
    const encloses = enclosing(byTrack.get(track) ?? [], timeNs).some(
      ({ startNs }) => startNs < timeNs || begun.has(`${track} ${startNs}`),
    );
    if (!encloses) throw fail('an arrow that ends in no slice');
    const start = starts.get(event.id!);
    if (event.ph === 's' && start) throw fail('a second arrow with this id');
    if (event.ph === 's') starts.set(event.id!, event);
    else if (start?.ts !== event.ts || event.bp !== 'e') throw fail('an arrow whose ends do not fit');
    else starts.delete(event.id!);
  }
  // An id is used again only behind its end; what is left has no end.
  if (starts.size > 0) throw new Error(`an arrow without an end: ${JSON.stringify([...starts.values()][0])}`);
}

/** Slices around a moment, the last to begin first. */
function enclosing(ascending: readonly Slice[], timeNs: number): readonly Slice[] {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]!.startNs > timeNs) high = middle;
    else low = middle + 1;
  }
  const before = ascending.slice(Math.max(0, low - DEEPEST), low);
  return before.filter(({ endNs }) => timeNs < endNs).toReversed();
}

/** Number and length of slices by category. */
export function figuresByCategory(events: readonly TraceEvent[]): Record<string, { count: number; ns: number }> {
  const figures: Record<string, { count: number; ns: number }> = {};
  for (const slice of [...slicesByTrack(events).values()].flat()) {
    figures[slice.event.cat] ??= { count: 0, ns: 0 };
    const figure = figures[slice.event.cat]!;
    figure.count++;
    figure.ns += slice.endNs - slice.startNs;
  }
  return figures;
}

/** Names that the metadata events give, by `pid` or `pid/tid`. */
export function trackNames(events: readonly TraceEvent[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { ph, name, pid, tid, args } of events) {
    if (ph !== 'M') continue;
    if (name === 'process_name') names.set(`${pid}`, String(args?.['name']));
    if (name === 'thread_name') names.set(`${pid}/${tid}`, String(args?.['name']));
  }
  return names;
}
