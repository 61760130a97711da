/**
 * The events of the Chrome trace-event format that gotape writes, one per line:
 * https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 *
 * The array form: Perfetto reads it even when it was cut off. `X` only: of a `B` and an `E` at the same time the `E` is lost.
 * Times count from the start of the trace: as an epoch time they would be rounded to 128 ns.
 */
import type { ByteSink } from './byte-sink.js';
import type { GoroutineTrack, TrackNames } from './chrome-track.js';
import { JsonBytes, jsonLiteral, jsonText } from './json-bytes.js';
import { Spool } from './spool.js';

const OPEN = jsonLiteral('[\n');
const END_OF_EVENT = jsonLiteral('},\n');
/** The last event has no comma behind it. */
const CLOSE = jsonLiteral('{"ph":"M","cat":"__metadata","name":"gotape_end","pid":1,"args":{}}\n]\n');
const DUR = jsonLiteral(',"dur":');
const TS = jsonLiteral(',"ts":');
const FLOW_START = jsonLiteral('{"ph":"s","cat":"wake","name":"wakes","id":');
const FLOW_FINISH = jsonLiteral('{"ph":"f","cat":"wake","name":"wakes","id":');
const BIND_ENCLOSING = jsonLiteral(',"bp":"e"');
const ARGS = jsonLiteral(',"args":{');
const END_OF_ARGS = jsonLiteral('}},\n');
const FULL_BYTES = 8 * 1024;
const QUOTE = jsonLiteral('"');

/**
 * `dur` is written a fraction of a nanosecond too short, by a hundredth for each level: with five decimals, of which viewers
 * that count in integer nanoseconds round two away. speedscope adds `ts` and `dur` as floats; so no sum is above the `ts` of
 * the slice that begins there, and inner slices end before outer ones. (Exact sums up to five hours.)
 */
export const Level = { outer: 1, call: 2, callMax: 40, state: 45, systemStack: 46 } as const;
const LEVEL_DIGITS = Array.from({ length: 47 }, (_, level) => jsonLiteral(String(100 - level).padStart(2, '0')));

export class ChromeEvents implements TrackNames {
  readonly #spool: Spool<JsonBytes>;
  #argCount = 0;

  constructor(sink: ByteSink) {
    this.#spool = new Spool(sink, (bytes) => new JsonBytes(bytes));
    this.#spool.out.raw(OPEN);
  }

  get writtenBytes(): number {
    return this.#spool.writtenBytes;
  }

  /** Contract: called between events, often enough that what was written in between fits in memory. */
  drain(): Promise<void> {
    return this.#spool.drain();
  }

  /** The same for a file to which little is added. */
  async drainIfFull(): Promise<void> {
    if (this.#spool.out.length > FULL_BYTES) await this.drain();
  }

  /** Writes all, and gives the memory of buffers back. */
  shrink(): Promise<void> {
    return this.#spool.shrink();
  }

  async finish(): Promise<void> {
    this.#spool.out.reserve(0);
    this.#spool.out.raw(CLOSE);
    await this.#spool.finish();
  }

  /**
   * Begins a slice whose head ends in `"ts":`. Arguments may follow, then {@link end}.
   * @param level how deep it lies in others that may end with it, see {@link Level}
   */
  slice(head: Uint8Array, place: Place, startNs: number, endNs: number, level: number): void {
    const out = this.#begin(head);
    out.micros(startNs);
    out.raw(DUR);
    out.micros(endNs - startNs - 1);
    out.raw(LEVEL_DIGITS[level]!);
    out.raw(place);
  }

  /** Begins an event that lasts no time. */
  instant(head: Uint8Array, place: Place, timeNs: number): void {
    const out = this.#begin(head);
    out.micros(timeNs);
    out.raw(place);
  }

  /** Begins a counter event; its head names the process. */
  counter(head: Uint8Array, timeNs: number): void {
    this.#begin(head).micros(timeNs);
  }

  argNumber(key: ArgKey, value: number): void {
    this.#arg(key).uint(value);
  }

  argText(key: ArgKey, text: Uint8Array): void {
    const out = this.#arg(key);
    out.reserve(text.length);
    out.raw(text);
    out.raw(QUOTE);
  }

  /** `G17 main.worker`, or `G17` of a goroutine that the trace does not describe; `key` is one of {@link goroutineKey}. */
  argGoroutine(key: ArgKey, goid: number, track: GoroutineTrack | undefined): void {
    const out = this.#arg(key);
    if (track === undefined) out.uint(goid);
    else {
      out.reserve(track.label.length);
      out.raw(track.label);
    }
    out.raw(QUOTE);
  }

  /** Ends the event. */
  end(): void {
    this.#spool.out.raw(this.#argCount === 0 ? END_OF_EVENT : END_OF_ARGS);
    this.#argCount = 0;
  }

  process(pid: number, name: string, rank: number): void {
    this.#metadata('process_name', `"pid":${pid}`, 'name', name);
    this.#metadata('process_sort_index', `"pid":${pid}`, 'sort_index', rank);
  }

  /** An arrow from the slice that encloses a moment on one track to that on another; both are in the file already. */
  flow(id: number, from: Place, to: Place, timeNs: number): void {
    this.#flowEnd(FLOW_START, id, from, timeNs);
    this.end();
    this.#flowEnd(FLOW_FINISH, id, to, timeNs);
    this.#spool.out.raw(BIND_ENCLOSING);
    this.end();
  }

  #flowEnd(head: Uint8Array, id: number, place: Place, timeNs: number): void {
    const out = this.#begin(head);
    out.uint(id);
    out.raw(TS);
    out.micros(timeNs);
    out.raw(place);
  }

  thread(pid: number, tid: number, name: string): void {
    this.#metadata('thread_name', `"pid":${pid},"tid":${tid}`, 'name', name);
  }

  #metadata(event: string, track: string, key: string, value: string | number): void {
    const head = jsonLiteral(`{"ph":"M","cat":"__metadata","name":"${event}",${track}`);
    const out = this.#begin(head);
    out.raw(ARGS);
    if (typeof value === 'string') {
      const text = jsonText(value);
      out.reserve(text.length);
      out.raw(jsonLiteral(`"${key}":"`));
      out.raw(text);
      out.raw(QUOTE);
    } else out.raw(jsonLiteral(`"${key}":${value}`));
    out.raw(END_OF_ARGS);
  }

  #begin(head: Uint8Array): JsonBytes {
    const { out } = this.#spool;
    out.reserve(head.length);
    out.raw(head);
    return out;
  }

  #arg(key: ArgKey): JsonBytes {
    const { out } = this.#spool;
    out.raw(this.#argCount++ === 0 ? key.first : key.next);
    return out;
  }
}

/** A track, as events say it: made once, because it stands in every event. */
export type Place = Uint8Array;

export function placeOf(pid: number, tid: number): Place {
  return jsonLiteral(`,"pid":${pid},"tid":${tid}`);
}

/** The name of an argument with what stands before its value: whole, because every copy has a price. */
export interface ArgKey {
  readonly first: Uint8Array;
  readonly next: Uint8Array;
}

export function numberKey(name: string): ArgKey {
  return { first: jsonLiteral(`,"args":{"${name}":`), next: jsonLiteral(`,"${name}":`) };
}

export function textKey(name: string, prefix = ''): ArgKey {
  return { first: jsonLiteral(`,"args":{"${name}":"${prefix}`), next: jsonLiteral(`,"${name}":"${prefix}`) };
}

export function goroutineKey(name: string): ArgKey {
  return textKey(name, 'G');
}
