import type { OutputSink } from '../format.js';
import { JsonBytes } from '../json-bytes.js';
import { Spool } from '../spool.js';
import { WireBytes } from '../wire-bytes.js';
import { EventType, NO_M } from './event-type.js';

const HEADER = new TextEncoder().encode('go 1.23 trace\0\0\0');
const UNITS_PER_SECOND = 1e9;

/** The file: a header, then batches, each of one generation and one thread. */
export class BatchFile {
  readonly #sink: OutputSink;
  readonly #spool: Spool<JsonBytes>;
  readonly #epochNs: bigint;
  readonly #head = new WireBytes();

  /** @param epochNs of the trace's time 0 */
  constructor(sink: OutputSink, epochNs: bigint) {
    this.#sink = sink;
    this.#spool = new Spool(sink, (bytes) => new JsonBytes(bytes));
    this.#epochNs = epochNs;
    this.#spool.out.reserve(HEADER.length);
    this.#spool.out.raw(HEADER);
  }

  /** @param timeNs since the trace's time 0, of which the first event counts on */
  batch(generation: number, m: number, timeNs: number, data: Uint8Array): void {
    const head = this.#head;
    head.clear();
    head.byte(EventType.eventBatch);
    head.uint(generation);
    head.uint(m);
    head.uint(this.#epochNs + BigInt(timeNs));
    head.uint(data.length);
    const { out } = this.#spool;
    out.reserve(head.length + data.length);
    out.raw(head.written());
    out.raw(data);
  }

  /** A generation is complete when it tells what its times are. */
  endGeneration(generation: number, timeNs: number): void {
    const frequency = new WireBytes(16);
    frequency.byte(EventType.frequency);
    frequency.uint(UNITS_PER_SECOND);
    this.batch(generation, NO_M, timeNs, frequency.written());
  }

  drain(): Promise<void> {
    return this.#spool.drain();
  }

  async finish(): Promise<void> {
    await this.#spool.finish();
    await this.#sink.close();
  }
}
