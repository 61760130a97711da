/** Columns for Arrow tables, made without an object per value. None has nulls. */
import {
  Bool,
  type Data,
  Dictionary,
  Field,
  Int16,
  Int64,
  List,
  makeData,
  Uint8,
  Uint16,
  Uint32,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';

/** A column ready to be written. */
export interface Column {
  readonly name: string;
  readonly data: Data;
}

export function uint32Column(name: string, values: Uint32Array): Column {
  return { name, data: makeData({ type: new Uint32(), data: values, nullCount: 0 }) };
}

export function uint16Column(name: string, values: Uint16Array): Column {
  return { name, data: makeData({ type: new Uint16(), data: values, nullCount: 0 }) };
}

export function int16Column(name: string, values: Int16Array): Column {
  return { name, data: makeData({ type: new Int16(), data: values, nullCount: 0 }) };
}

export function boolColumn(name: string, values: readonly boolean[]): Column {
  const bits = new Uint8Array((values.length + 7) >> 3);
  for (const [i, value] of values.entries()) if (value) bits[i >> 3]! |= 1 << (i & 7);
  return { name, data: makeData({ type: new Bool(), length: values.length, data: bits, nullCount: 0 }) };
}

/** A list of numbers in each row: `list<item: uint32 not null> not null`. */
export function uint32ListColumn(name: string, lists: readonly (readonly number[])[]): Column {
  const valueOffsets = new Int32Array(lists.length + 1);
  for (const [i, list] of lists.entries()) valueOffsets[i + 1] = valueOffsets[i]! + list.length;
  const item = makeData({ type: new Uint32(), data: Uint32Array.from(lists.flat()), nullCount: 0 });
  const type = new List(new Field('item', new Uint32(), false));
  return { name, data: makeData({ type, length: lists.length, valueOffsets, child: item, nullCount: 0 }) };
}

/** Safe integers as int64, without a BigInt per value; two words of `words` for each. */
export function int64Column(
  name: string,
  values: ArrayLike<number>,
  words = new Int32Array(2 * values.length),
): Column {
  for (let i = 0; i < words.length / 2; i++) {
    const value = values[i]!;
    words[2 * i] = value | 0;
    const isSmall = value === (value | 0) && value >= 0;
    words[2 * i + 1] = isSmall ? 0 : Math.floor(value / 4_294_967_296);
    if (!isSmall) words[2 * i] = (value % 4_294_967_296) | 0;
  }
  return {
    name,
    data: makeData({
      type: new Int64(),
      data: new BigInt64Array(words.buffer, words.byteOffset, words.length / 2),
      nullCount: 0,
    }),
  };
}

/** `codes[i]` is an index into `names`. */
export function dictionaryColumn(
  name: string,
  codes: Uint8Array | Uint16Array | Uint32Array,
  names: readonly string[],
): Column {
  const index = indexType(codes);
  const type = new Dictionary(new Utf8(), index, nextDictionaryId++);
  const dictionary = vectorFromArray(names as string[], new Utf8());
  return { name, data: makeData({ type, data: codes, dictionary, nullCount: 0 }) };
}
/** Arrow wants ids that are unique within a file. */
let nextDictionaryId = 0;

function indexType(codes: Uint8Array | Uint16Array | Uint32Array): Uint8 | Uint16 | Uint32 {
  if (codes instanceof Uint8Array) return new Uint8();
  return codes instanceof Uint16Array ? new Uint16() : new Uint32();
}

/** Strings that repeat, as a dictionary column. */
export function stringColumn(name: string, values: readonly string[]): Column {
  const codeByName = new Map<string, number>();
  const codes = Uint32Array.from(values, (value) => {
    const code = codeByName.get(value) ?? codeByName.size;
    codeByName.set(value, code);
    return code;
  });
  return dictionaryColumn(name, codes, [...codeByName.keys()]);
}
