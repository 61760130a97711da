/** Ways to break a trace, from the container inwards. CRCs are set right afterwards where the inside is meant. */
import {
  boolColumn,
  type Column,
  dictionaryColumn,
  int16Column,
  int64Column,
  uint32Column,
  uint32ListColumn,
} from '../../src/trace/arrow-columns.js';
import { decodeTable, encodeTable } from '../../src/trace/arrow-file.js';
import { ColumnAccess } from '../../src/trace/column-access.js';
import { compressFrame } from '../../src/trace/zstd-codec.js';
import { type Entry, pack } from '../trace/memory-file.js';
import type { Random } from './random.js';

/** Numbers at which readers go wrong. */
const NUMBERS = [
  0, 1, -1, 2, 7, 8, 63, 127, 128, 255, 256, 4096, 32_767, 65_535, 65_536, 0x10_0000, 0x400_0000, 0x7fff_ffff,
  -0x8000_0000,
];
const VALUES = [...NUMBERS, 2 ** 40, 2 ** 53 - 1, 3, 17, 1000];
const NAMES = [
  '',
  'running',
  'dead',
  'unknown(7)',
  'unknown(300)',
  '\u001b[2J\u001b]0;x\u0007',
  '\u202eevil',
  '__proto__',
  'a\u0000b',
  '<script>',
  '=1+1',
  'é'.repeat(500),
  '\ud800',
  '\u009b31m',
];
const ENTRY_NAMES = [
  'gotape.pb',
  'summary.pb',
  'transitions/000000.arrow',
  'transitions/999999999.arrow',
  'goroutines/000001.arrow',
  'gaps/000007.arrow',
  'states/000000.arrow',
  'after/000000.arrow',
  'attachments/../../../tmp/x',
  '/etc/passwd',
  '..\\x',
  '\u001b[31m',
  'stacks/000000.arrow',
  'functions/000001.arrow',
  'calls/000000.arrow',
  'sched/000001.arrow',
  '',
];
/** 60 MiB in a few kilobytes, and one that claims a size that it does not have. */
const BOMB = compressFrame(new Uint8Array(60 * 1024 * 1024), 1);

type Mutate = (entries: readonly Entry[], random: Random) => Uint8Array;

/** In proportion to how deep they reach. */
export const MUTATIONS: readonly Mutate[] = [
  archiveBytes,
  archiveBytes,
  centralDirectory,
  centralDirectory,
  entryList,
  entryBytes,
  protobufFields,
  protobufFields,
  arrowWords,
  arrowWords,
  zstdFrames,
  tableValues,
  tableValues,
  tableValues,
];

export function mutant(entries: readonly Entry[], random: Random): Uint8Array {
  return random.pick(MUTATIONS)(entries, random);
}

/** Sets a word of 1, 2, 4 or 8 bytes, or flips a bit. */
function scribble(bytes: Buffer, at: number, random: Random): void {
  const number = random.chance(3) ? random.int(2 ** 32) | 0 : random.pick(NUMBERS);
  const width = random.pick([0, 1, 2, 4, 4, 8]);
  if (at + width > bytes.length || width === 0) {
    if (at < bytes.length) bytes[at]! ^= 1 << random.int(8);
  } else if (width === 8)
    bytes.writeBigInt64LE(BigInt.asIntN(64, BigInt(number) * (random.chance(2) ? 1n : 0x1_0000_0001n)), at);
  else bytes.writeIntLE(width === 4 ? number : number & (2 ** (8 * width - 1) - 1), at, width);
}

function scribbled(original: Uint8Array, random: Random, from = 0): Buffer {
  const bytes = Buffer.from(original);
  for (let i = random.int(4); i >= 0; i--) scribble(bytes, from + random.int(bytes.length - from), random);
  return bytes;
}

function archiveBytes(entries: readonly Entry[], random: Random): Uint8Array {
  const file = pack(entries);
  if (random.chance(4)) return file.subarray(0, random.int(file.length));
  if (random.chance(6))
    return Buffer.concat([file.subarray(0, random.int(file.length)), file.subarray(random.int(file.length))]);
  return scribbled(file, random);
}

function centralDirectory(entries: readonly Entry[], random: Random): Uint8Array {
  const file = pack(entries);
  const directoryAt = Buffer.from(file).readUInt32LE(file.length - 6);
  return scribbled(file, random, directoryAt);
}

function entryList(entries: readonly Entry[], random: Random): Uint8Array {
  const list = [...entries];
  for (let i = random.int(3); i >= 0; i--) {
    const at = random.int(list.length);
    const entry = list[at]!;
    const kind = random.int(5);
    if (kind === 0) list.splice(at, 1);
    else if (kind === 1) list.push({ name: random.pick(ENTRY_NAMES), bytes: entry.bytes });
    else if (kind === 2) list[at] = { ...entry, name: random.pick(ENTRY_NAMES) };
    else if (kind === 3) list[at] = { ...entry, bytes: entry.bytes.subarray(0, random.int(entry.bytes.length)) };
    else list[at] = { ...entry, bytes: random.pick(list).bytes };
    if (list.length === 0) list.push(entry);
  }
  return pack(list);
}

function changeOne(
  entries: readonly Entry[],
  random: Random,
  wanted: RegExp,
  change: (bytes: Uint8Array) => Uint8Array,
): Uint8Array {
  const matching = entries.filter(({ name }) => wanted.test(name));
  const chosen = random.pick(matching.length > 0 ? matching : entries);
  return pack(entries.map((entry) => (entry === chosen ? { name: entry.name, bytes: change(entry.bytes) } : entry)));
}

function entryBytes(entries: readonly Entry[], random: Random): Uint8Array {
  return changeOne(entries, random, /./, (bytes) => scribbled(bytes, random));
}

/** Fields of a message, found by walking it: repeated, left out, with other numbers, lengths and text. */
function protobufFields(entries: readonly Entry[], random: Random): Uint8Array {
  return changeOne(entries, random, /\.pb$/, (bytes) => {
    const fields = splitFields(bytes);
    for (let i = random.int(3); i >= 0 && fields.length > 0; i--) {
      const at = random.int(fields.length);
      const kind = random.int(5);
      if (kind === 0) fields.splice(at, 1);
      else if (kind === 1) fields.push(...Array.from({ length: 1 + random.int(50) }, () => fields[at]!));
      else if (kind === 2) fields[at] = scribbled(fields[at]!, random, 1);
      else if (kind === 3) fields.push(textField(1 + random.int(12), random.pick(NAMES)));
      else
        fields.push(Buffer.from([random.int(256), ...Array.from({ length: random.int(12) }, () => random.int(256))]));
    }
    return Buffer.concat(fields);
  });
}

function splitFields(bytes: Uint8Array): Uint8Array[] {
  const fields: Uint8Array[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; at < bytes.length; shift += 7) {
      const byte = bytes[at++]!;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const start = at;
    const type = varint() & 7;
    if (type === 0) varint();
    else at += type === 1 ? 8 : type === 5 ? 4 : varint();
    fields.push(bytes.subarray(start, at));
  }
  return fields;
}

function textField(number: number, text: string): Uint8Array {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([(number << 3) | 2, (bytes.length & 127) | 128, bytes.length >> 7]), bytes]);
}

/** Words of the flatbuffers between the bodies: schema, batches, footer. */
function arrowWords(entries: readonly Entry[], random: Random): Uint8Array {
  return changeOne(entries, random, /\.arrow$/, (original) => {
    const bytes = Buffer.from(original);
    const places = metadataRanges(bytes);
    for (let i = random.int(4); i >= 0 && places.length > 0; i--) {
      const [from, length] = random.pick(places);
      scribble(bytes, from + (random.chance(2) ? 4 * random.int(length / 4) : random.int(length)), random);
    }
    return bytes;
  });
}

function metadataRanges(bytes: Buffer): [from: number, length: number][] {
  const ranges: [number, number][] = [];
  for (let at = 8; at + 8 <= bytes.length; at += 8) {
    if (bytes.readUInt32LE(at) !== 0xffff_ffff) continue;
    const length = bytes.readUInt32LE(at + 4);
    if (length > 0 && at + 8 + length <= bytes.length && length < 10_000) ranges.push([at, 8 + length]);
  }
  return ranges;
}

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** Headers, blocks and claimed sizes of frames. */
function zstdFrames(entries: readonly Entry[], random: Random): Uint8Array {
  return changeOne(entries, random, /\.arrow$/, (original) => {
    const bytes = Buffer.from(original);
    const frames: number[] = [];
    for (let at = bytes.indexOf(ZSTD_MAGIC); at >= 0; at = bytes.indexOf(ZSTD_MAGIC, at + 1)) frames.push(at);
    if (frames.length === 0) return scribbled(bytes, random);
    const frame = random.pick(frames);
    if (random.chance(2000)) {
      const bomb = Buffer.concat([bytes.subarray(0, frame), BOMB, bytes.subarray(frame)]);
      bomb.writeBigInt64LE(BigInt(60 * 1024 * 1024), Math.max(0, frame - 8));
      return bomb;
    }
    scribble(bytes, frame + random.pick([-8, -8, 4, 5, 6, 7, 8, 9, 12, 20]), random);
    return bytes;
  });
}

/** What the columns say: times, ids, codes, names. */
function tableValues(entries: readonly Entry[], random: Random): Uint8Array {
  return changeOne(entries, random, /\.arrow$/, (bytes) => {
    try {
      return rewritten(bytes, random);
    } catch {
      return scribbled(bytes, random);
    }
  });
}

function rewritten(bytes: Uint8Array, random: Random): Uint8Array {
  const table = decodeTable(bytes, 'table');
  const access = new ColumnAccess(table, 'table');
  const names = [...table.columns.keys()];
  const target = random.pick(names);
  const columns = names.flatMap((name): Column[] => {
    const column = copied(access, name, name === target ? random : undefined);
    return name === target && random.chance(10) ? [] : [column];
  });
  const metadata = new Map(table.metadata);
  if (random.chance(8)) metadata.set('base_ns', random.pick(['', '-1', '0', '9'.repeat(20), '1e5', `${2n ** 63n}`]));
  const rows = random.chance(12) ? Math.max(0, random.pick(NUMBERS)) % 200_000 : table.rows;
  return encodeTable(columns, rows, metadata, 1);
}

/** @param random to change values; without it they stay */
function copied(access: ColumnAccess, name: string, random: Random | undefined): Column {
  const kind = kindOf(access, name);
  if (kind === 'dictionary') {
    const { codes, names } = access.dictionary(name);
    const newCodes = codes.slice();
    const newNames = [...names];
    if (random?.chance(2)) newNames[random.int(newNames.length)] = random.pick(NAMES);
    else if (random)
      for (let i = random.int(5); i >= 0; i--)
        newCodes[random.int(newCodes.length)] = random.int(random.chance(4) ? 256 : newNames.length);
    return dictionaryColumn(name, newCodes, newNames);
  }
  if (kind === 'bool')
    return boolColumn(
      name,
      changed(access.bools(name), random, () => random!.chance(2)),
    );
  if (kind === 'int16') {
    const numbers = changed([...access.int16s(name)], random, () => random!.pick(VALUES));
    return int16Column(name, Int16Array.from(numbers));
  }
  if (kind === 'lists') {
    const lists = access.uint32Lists(name).map((list) => [...list]);
    return uint32ListColumn(
      name,
      changed(lists, random, () => Array.from({ length: random!.int(9) }, () => random!.int(9))),
    );
  }
  const values = kind === 'int64' ? int64s(access.int64Words(name)) : [...access.unsigned(name)];
  if (random) for (let i = random.int(5); i >= 0; i--) values[random.int(values.length)] = random.pick(VALUES);
  // Columns may be wider than they need to be: cpu and p are read all the same.
  return kind === 'int64' ? int64Column(name, values) : uint32Column(name, Uint32Array.from(values));
}

function changed<T>(values: T[], random: Random | undefined, other: () => T): T[] {
  if (random && values.length > 0) for (let i = random.int(5); i >= 0; i--) values[random.int(values.length)] = other();
  return values;
}

function int64s(words: Int32Array): number[] {
  return Array.from({ length: words.length / 2 }, (_, i) => words[2 * i + 1]! * 2 ** 32 + (words[2 * i]! >>> 0));
}

function kindOf(access: ColumnAccess, name: string): 'dictionary' | 'int64' | 'bool' | 'int16' | 'lists' | 'uint32' {
  for (const [kind, read] of [
    ['dictionary', () => access.dictionary(name)],
    ['int64', () => access.int64Words(name)],
    ['bool', () => access.bools(name)],
    ['int16', () => access.int16s(name)],
    ['lists', () => access.uint32Lists(name)],
  ] as const) {
    try {
      read();
      return kind;
    } catch {}
  }
  return 'uint32';
}
