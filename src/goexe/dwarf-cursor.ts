/** A position in a DWARF section: variable-length integers, strings and attribute values. Source: DWARF 4 and 5, chapter 7. */
import { UserError } from '../base/errors.js';
import type { ByteReader } from './byte-reader.js';

const Form = {
  addr: 0x01,
  block2: 0x03,
  block4: 0x04,
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  block1: 0x0a,
  data1: 0x0b,
  flag: 0x0c,
  sdata: 0x0d,
  strp: 0x0e,
  udata: 0x0f,
  refAddr: 0x10,
  ref1: 0x11,
  ref2: 0x12,
  ref4: 0x13,
  ref8: 0x14,
  refUdata: 0x15,
  indirect: 0x16,
  secOffset: 0x17,
  exprloc: 0x18,
  flagPresent: 0x19,
  strx: 0x1a,
  addrx: 0x1b,
  refSup4: 0x1c,
  strpSup: 0x1d,
  data16: 0x1e,
  lineStrp: 0x1f,
  refSig8: 0x20,
  implicitConst: 0x21,
  loclistx: 0x22,
  rnglistx: 0x23,
  refSup8: 0x24,
  strx1: 0x25,
  strx2: 0x26,
  strx3: 0x27,
  strx4: 0x28,
  addrx1: 0x29,
  addrx2: 0x2a,
  addrx3: 0x2b,
  addrx4: 0x2c,
} as const;

/** Sizes that do not depend on anything. Section offsets are 4 bytes: 64-bit DWARF is refused by the unit's header. */
const fixedBytes: ReadonlyMap<number, number> = new Map([
  ...sized(0, Form.flagPresent, Form.implicitConst),
  ...sized(1, Form.data1, Form.flag, Form.ref1, Form.strx1, Form.addrx1),
  ...sized(2, Form.data2, Form.ref2, Form.strx2, Form.addrx2),
  ...sized(3, Form.strx3, Form.addrx3),
  ...sized(
    4,
    Form.data4,
    Form.ref4,
    Form.strp,
    Form.refAddr,
    Form.secOffset,
    Form.lineStrp,
    Form.strpSup,
    Form.refSup4,
  ),
  ...sized(4, Form.strx4, Form.addrx4),
  ...sized(8, Form.addr, Form.data8, Form.ref8, Form.refSig8, Form.refSup8),
  ...sized(16, Form.data16),
]);

function sized(bytes: number, ...forms: readonly number[]): [number, number][] {
  return forms.map((form) => [form, bytes]);
}

const MAX_NAME_BYTES = 256;

export class DwarfCursor {
  at: number;
  readonly #reader: ByteReader;

  constructor(reader: ByteReader, at: number) {
    this.#reader = reader;
    this.at = at;
  }

  uleb(): number {
    let [value, scale] = [0, 1];
    for (let i = 0; i < 10; i++, scale *= 128) {
      const byte = this.#reader.u8(this.at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    return value;
  }

  /** Steps over an attribute's value. */
  skip(form: number): void {
    const fixed = fixedBytes.get(form);
    if (fixed !== undefined) this.at += fixed;
    else if (form === Form.string) this.#skipString();
    else {
      const bytes = this.#variableBytes(form); // moves `at` itself, so before the addition
      this.at += bytes;
    }
  }

  /** The value of an attribute that holds a small number; undefined for other kinds. Steps over it in any case. */
  number(form: number): number | undefined {
    const start = this.at;
    if (form === Form.udata) return this.uleb();
    this.skip(form);
    if (form === Form.data1) return this.#reader.u8(start);
    if (form === Form.data2) return this.#reader.u16(start);
    return form === Form.data4 ? this.#reader.u32(start) : undefined;
  }

  /** A name: inline, or in `strings` (`.debug_str`); undefined for other kinds. Steps over it in any case. */
  string(form: number, strings: ByteReader | undefined): string | undefined {
    const start = this.at;
    this.skip(form);
    if (form === Form.string) return this.#reader.cString(start, Math.min(this.at - start, MAX_NAME_BYTES));
    return form === Form.strp ? strings?.cString(this.#reader.u32(start), MAX_NAME_BYTES) : undefined;
  }

  #skipString(): void {
    while (this.#reader.u8(this.at++) !== 0);
  }

  /** Bytes after what this call consumes. */
  #variableBytes(form: number): number {
    switch (form) {
      case Form.block1:
        return this.#reader.u8(this.at++);
      case Form.block2:
        this.at += 2;
        return this.#reader.u16(this.at - 2);
      case Form.block4:
        this.at += 4;
        return this.#reader.u32(this.at - 4);
      case Form.block:
      case Form.exprloc:
        return this.uleb();
      case Form.sdata:
      case Form.udata:
      case Form.refUdata:
      case Form.strx:
      case Form.addrx:
      case Form.loclistx:
      case Form.rnglistx:
        this.uleb();
        return 0;
      case Form.indirect:
        this.skip(this.uleb());
        return 0;
      default:
        throw new UserError(`${this.#reader.name}: attribute form 0x${form.toString(16)} is not one of DWARF 4 or 5`);
    }
  }
}
