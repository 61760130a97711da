/**
 * A profile in the format of pprof (schemas/pprof.proto), message by message: only strings, functions and locations are
 * kept, to number them.
 */
import { printable } from '../../base/text.js';
import type { OutputSink } from '../format.js';
import type { ProfileFrame } from '../stack-sums.js';
import { ProtoMessage } from './proto-message.js';

/** Fields of `Profile`. */
const Field = {
  sampleType: 1,
  sample: 2,
  mapping: 3,
  location: 4,
  function: 5,
  string: 6,
  timeNanos: 9,
  durationNanos: 10,
  comment: 13,
  defaultSampleType: 14,
} as const;
const MAPPING_ID = 1;
const FLUSH_BYTES = 1 << 20;

export interface Label {
  readonly key: string;
  readonly value: string | number;
}

export class PprofProfile {
  readonly #sink: OutputSink;
  readonly #out = new ProtoMessage();
  readonly #strings = new Map<string, number>();
  readonly #functions = new Map<string, number>();
  readonly #locations = new Map<string, number>();

  constructor(sink: OutputSink) {
    this.#sink = sink;
    this.#string('');
  }

  sampleType(type: string, unit: string): void {
    this.#out.message(Field.sampleType, new ProtoMessage().uint(1, this.#string(type)).uint(2, this.#string(unit)));
  }

  defaultSampleType(type: string): void {
    this.#out.uint(Field.defaultSampleType, this.#string(type));
  }

  /** The program. Says that nothing is left to symbolize. */
  mapping(executable: string, buildId: string): void {
    const mapping = new ProtoMessage().uint(1, MAPPING_ID).uint(5, this.#string(executable));
    mapping.uint(6, this.#string(buildId)).uint(7, 1).uint(8, 1).uint(9, 1).uint(10, 1);
    this.#out.message(Field.mapping, mapping);
  }

  time(startNs: bigint, durationNs: number): void {
    this.#out.uint(Field.timeNanos, startNs).uint(Field.durationNanos, durationNs);
  }

  comment(text: string): void {
    this.#out.packed(Field.comment, [this.#string(text)]);
  }

  /** `frames` with the innermost first. Await it before the next. */
  async sample(frames: readonly ProfileFrame[], values: readonly bigint[], labels: readonly Label[]): Promise<void> {
    const sample = new ProtoMessage().packed(1, this.#locationsOf(frames)).packed(2, values);
    for (const { key, value } of labels) {
      const label = new ProtoMessage().uint(1, this.#string(key));
      sample.message(3, typeof value === 'number' ? label.uint(3, value) : label.uint(2, this.#string(value)));
    }
    this.#out.message(Field.sample, sample);
    if (this.#out.length > FLUSH_BYTES) await this.#flush();
  }

  async finish(): Promise<void> {
    await this.#flush();
    await this.#sink.close();
  }

  async #flush(): Promise<void> {
    await this.#sink.write(this.#out.written());
    this.#out.clear();
  }

  /** A location is a function with all that was inlined into it. */
  #locationsOf(frames: readonly ProfileFrame[]): number[] {
    const ids: number[] = [];
    for (let from = 0; from < frames.length; ) {
      let to = from + 1;
      while (to < frames.length && frames[to - 1]!.inlined) to++;
      ids.push(this.#location(frames.slice(from, to)));
      from = to;
    }
    return ids;
  }

  #location(frames: readonly ProfileFrame[]): number {
    const key = frames.map(({ function: name, file, line }) => `${name}\n${file}\n${line}`).join('\n\n');
    const known = this.#locations.get(key);
    if (known !== undefined) return known;
    const id = this.#locations.size + 1;
    this.#locations.set(key, id);
    const location = new ProtoMessage().uint(1, id).uint(2, MAPPING_ID);
    for (const frame of frames) {
      location.message(4, new ProtoMessage().uint(1, this.#function(frame)).uint(2, frame.line));
    }
    this.#out.message(Field.location, location);
    return id;
  }

  #function({ function: name, file }: ProfileFrame): number {
    const key = `${name}\n${file}`;
    const known = this.#functions.get(key);
    if (known !== undefined) return known;
    const id = this.#functions.size + 1;
    this.#functions.set(key, id);
    const text = this.#string(name);
    this.#out.message(
      Field.function,
      new ProtoMessage().uint(1, id).uint(2, text).uint(3, text).uint(4, this.#string(file)),
    );
    return id;
  }

  #string(text: string): number {
    const shown = printable(text);
    const known = this.#strings.get(shown);
    if (known !== undefined) return known;
    const id = this.#strings.size;
    this.#strings.set(shown, id);
    this.#out.text(Field.string, shown);
    return id;
  }
}
