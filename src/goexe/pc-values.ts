/**
 * Tables that give a number for every address of a function: file, line, inlining. A table is a run of (value delta,
 * address delta) pairs as variable-length integers. Source: `pcvalue` and `step` in `runtime/symtab.go`.
 */
import type { ByteReader } from './byte-reader.js';

/** No function has so many steps; a damaged table ends here. */
const MAX_STEPS = 1 << 20;

/** Value at `pcDelta` bytes into the function; -1 when the table does not reach so far. */
export function pcValue(reader: ByteReader, table: number, pcQuantum: number, pcDelta: number): number {
  let [at, value, pc] = [table, -1, 0];
  for (let step = 0; step < MAX_STEPS; step++) {
    const change = readVarint(reader, at);
    if (change.value === 0 && step > 0) return -1;
    const advance = readVarint(reader, change.next);
    value += unzigzag(change.value);
    pc += advance.value * pcQuantum;
    if (pcDelta < pc) return value;
    at = advance.next;
  }
  return -1;
}

/** Base-128, least significant group first, at most 32 bits: the encoding of Go's `binary.Uvarint`. */
export function readVarint(reader: ByteReader, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = reader.u8(at++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return { value: value >>> 0, next: at };
}

function unzigzag(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}
