/** The rules that every Chrome trace of gotape keeps, checked without any code of the writer. */
import type { ByteSink } from '../../src/convert/byte-sink.js';

export interface TraceEvent {
  readonly ph: 'X' | 'i' | 'C' | 'M';
  readonly cat: string;
  readonly name: string;
  readonly pid: number;
  readonly tid?: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: Readonly<Record<string, string | number>>;
  readonly s?: string;
}

/** A slice in integer nanoseconds. */
export interface Slice {
  readonly startNs: number;
  readonly endNs: number;
  readonly event: TraceEvent;
}

const MAX_ID = 2 ** 32 - 1;
const THREE_DECIMALS = /"(?:ts|dur)":(?!\d+\.\d{3}[,}])/;

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
    if (THREE_DECIMALS.test(line)) throw new Error(`a time without exactly three decimals: ${line}`);
  }
  const events = JSON.parse(text) as TraceEvent[];
  events.forEach(checkEvent);
  for (const slices of slicesByTrack(events).values()) checkNesting(slices);
  return events;
}

function checkEvent(event: TraceEvent): void {
  const fail = (rule: string) => new Error(`${rule}: ${JSON.stringify(event)}`);
  if (!['X', 'i', 'C', 'M'].includes(event.ph)) throw fail('unexpected phase');
  if (!event.cat || !event.name) throw fail('no category or no name');
  if (!isId(event.pid)) throw fail('pid out of range');
  if ((event.ph === 'X' || event.ph === 'i') && !isId(event.tid)) throw fail('tid out of range');
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
  for (const slice of slices.sort((a, b) => a.startNs - b.startNs || b.endNs - a.endNs)) {
    while (open.length > 0 && open.at(-1)!.endNs <= slice.startNs) open.pop();
    const outer = open.at(-1);
    if (outer && slice.endNs > outer.endNs) {
      throw new Error(`slices overlap: ${JSON.stringify(outer.event)} and ${JSON.stringify(slice.event)}`);
    }
    open.push(slice);
  }
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
