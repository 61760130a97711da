import { WireBytes } from '../wire-bytes.js';

const VARINT = 0;
const BYTES = 2;
const encoder = new TextEncoder();

/** A protobuf message that grows. Fields that are 0 or empty are not written: they mean the same. */
export class ProtoMessage {
  readonly #bytes = new WireBytes(32);

  written(): Uint8Array {
    return this.#bytes.written();
  }

  get length(): number {
    return this.#bytes.length;
  }

  clear(): void {
    this.#bytes.clear();
  }

  uint(field: number, value: number | bigint): this {
    if (Number(value) === 0) return this;
    this.#bytes.reserve();
    this.#bytes.uint(field * 8 + VARINT);
    this.#bytes.uint(value);
    return this;
  }

  text(field: number, text: string): this {
    return this.bytes(field, encoder.encode(text));
  }

  message(field: number, message: ProtoMessage): this {
    return this.bytes(field, message.written());
  }

  /** Numbers one after another. */
  packed(field: number, values: readonly (number | bigint)[]): this {
    const body = new WireBytes(values.length * 4);
    for (const value of values) {
      body.reserve();
      body.uint(value);
    }
    return this.bytes(field, body.written());
  }

  bytes(field: number, bytes: Uint8Array): this {
    this.#bytes.reserve();
    this.#bytes.uint(field * 8 + BYTES);
    this.#bytes.uint(bytes.length);
    this.#bytes.raw(bytes);
    return this;
  }
}
