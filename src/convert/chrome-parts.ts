/**
 * The files of a conversion (`--split`), each a stretch of time. A slice that crosses a border is in both files, cut there,
 * so that each file shows what every goroutine did from its first moment to its last. Slices are known when they end: so
 * the files before stay open, with small buffers, until the end of the trace.
 */
import { ChromeEvents } from './chrome-events.js';
import type { OutputSink } from './format.js';

interface Part {
  readonly fromNs: number;
  readonly events: ChromeEvents;
  readonly sink: OutputSink;
}

/** Room in each file for the slices that are cut at its end. */
const RESERVED = 0.9;

export class ChromeParts {
  readonly #parts: Part[] = [];
  readonly #open: (number: number) => Promise<OutputSink>;
  readonly #limitBytes: number;

  private constructor(open: (number: number) => Promise<OutputSink>, limitBytes: number) {
    this.#open = open;
    this.#limitBytes = limitBytes;
  }

  /** @param open makes file 1, 2, … */
  static async start(open: (number: number) => Promise<OutputSink>, limitBytes = Number.POSITIVE_INFINITY) {
    const parts = new ChromeParts(open, limitBytes * RESERVED);
    await parts.#begin(0);
    return parts;
  }

  /** Losses, calls and threads are told up to a time that goroutines have not reached yet. */
  #latestNs = 0;

  /** The last file, and where it begins. */
  current!: ChromeEvents;
  fromNs = 0;

  get count(): number {
    return this.#parts.length;
  }

  get writtenBytes(): number {
    return this.#parts.reduce((sum, { events }) => sum + events.writtenBytes, 0);
  }

  /** The file that shows a moment. */
  at(timeNs: number): ChromeEvents {
    if (timeNs >= this.fromNs) return this.current;
    return this.#parts.findLast(({ fromNs }) => fromNs <= timeNs)?.events ?? this.current;
  }

  /** A stretch of time in the files that show it: a piece for each. */
  *pieces(startNs: number, endNs: number): Iterable<readonly [events: ChromeEvents, fromNs: number, toNs: number]> {
    if (startNs >= this.fromNs) {
      if (endNs > this.#latestNs) this.#latestNs = endNs;
      yield [this.current, startNs, endNs];
      return;
    }
    for (const [events, fromNs, toNs] of this.stretches(Number.POSITIVE_INFINITY)) {
      const from = Math.max(startNs, fromNs);
      const to = Math.min(endNs, toNs);
      if (to > this.#latestNs) this.#latestNs = to;
      if (from < to) yield [events, from, to];
    }
  }

  /** Each file with the stretch of time that it shows. */
  *stretches(endNs: number): Iterable<readonly [events: ChromeEvents, fromNs: number, toNs: number]> {
    for (const [i, { events, fromNs }] of this.#parts.entries()) {
      yield [events, fromNs, this.#parts[i + 1]?.fromNs ?? endNs];
    }
  }

  /** Hands on what was written; all that comes later ends at `nowNs` or after it. */
  async drain(nowNs: number): Promise<void> {
    const before = this.current.writtenBytes;
    await this.current.drain();
    for (const { events } of this.#parts) if (events !== this.current) await events.drainIfFull();
    // The next segment of the trace may take as much as this one.
    const segmentBytes = this.current.writtenBytes - before;
    if (this.current.writtenBytes + segmentBytes > this.#limitBytes && nowNs > this.fromNs) {
      await this.current.shrink();
      await this.#begin(Math.max(nowNs, this.#latestNs));
    }
  }

  async finish(): Promise<void> {
    for (const { events, sink } of this.#parts) {
      await events.finish();
      await sink.close();
    }
  }

  async #begin(fromNs: number): Promise<void> {
    const sink = await this.#open(this.#parts.length + 1);
    this.current = new ChromeEvents(sink);
    this.fromNs = fromNs;
    this.#parts.push({ fromNs, events: this.current, sink });
  }
}
