/**
 * pprof labels of a goroutine that had them when recording began, from the memory of its process. Changes from then on come
 * as records (bpf/labels.h). `g.labels` points to a `labelMap` (runtime/pprof/label.go): from Go 1.24 on a slice of key and
 * value; before, a `map[string]string` (runtime/map.go: `hmap`, `bmap`).
 */
import type { Label } from '../model/trace-facts.js';
import type { ProcessMemory } from './process-memory.js';

/** Go 1.x up to which labels are a map. */
export const LAST_WITH_LABEL_MAP = 23;

/** The same bounds as in bpf/gotape.h. */
const MAX_LABELS = 16;
const MAX_KEY_BYTES = 128;
const MAX_VALUE_BYTES = 512;

/** 8 bytes of hash, 8 keys, 8 values, address of an overflow bucket. */
const BUCKET = { keys: 8, values: 8 + 8 * 16, overflow: 8 + 16 * 16, bytes: 16 + 16 * 16 } as const;
/** Smaller ones mark empty and moved cells. */
const MIN_TOP_HASH = 5;
const MAX_BUCKETS = 32;

/**
 * @param pointer value of `g.labels`
 * @param minor of the Go release
 * @returns sorted by key; undefined when there are none, or they cannot be read
 */
export function readLabelsInMemory(memory: ProcessMemory, pointer: number, minor: number): Label[] | undefined {
  if (pointer === 0) return undefined;
  const pairs = minor <= LAST_WITH_LABEL_MAP ? mapPairs(memory, pointer) : slicePairs(memory, pointer);
  const labels = pairs.slice(0, MAX_LABELS).flatMap(({ key, value }) => {
    const text = readText(memory, key, MAX_KEY_BYTES);
    const valueText = readText(memory, value, MAX_VALUE_BYTES);
    return text === undefined || valueText === undefined ? [] : { key: text, value: valueText };
  });
  return labels.length === 0 ? undefined : labels.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Go's string headers, 16 bytes each. */
interface Pair {
  readonly key: Buffer;
  readonly value: Buffer;
}

function slicePairs(memory: ProcessMemory, pointer: number): Pair[] {
  const header = memory.read(pointer, 16);
  if (header === undefined) return [];
  const count = Math.min(word(header, 8), MAX_LABELS);
  const list = count === 0 ? undefined : memory.read(word(header, 0), count * 32);
  if (list === undefined) return [];
  return Array.from({ length: count }, (_, i) => ({
    key: list.subarray(32 * i, 32 * i + 16),
    value: list.subarray(32 * i + 16, 32 * i + 32),
  }));
}

function mapPairs(memory: ProcessMemory, pointer: number): Pair[] {
  const variable = memory.read(pointer, 8);
  const map = variable === undefined ? 0 : word(variable, 0);
  const header = map === 0 ? undefined : memory.read(map, 32);
  if (header === undefined || word(header, 0) === 0) return [];
  const buckets = 2 ** Math.min(header[9]!, 5);
  // A map that grows has its cells in one of both arrays; those that moved are marked.
  return [
    ...bucketPairs(memory, word(header, 16), buckets),
    ...bucketPairs(memory, word(header, 24), Math.max(1, buckets / 2)),
  ];
}

function bucketPairs(memory: ProcessMemory, start: number, count: number): Pair[] {
  const pairs: Pair[] = [];
  const todo = start === 0 ? [] : Array.from({ length: count }, (_, i) => start + i * BUCKET.bytes);
  for (let i = 0; i < Math.min(todo.length, MAX_BUCKETS); i++) {
    const bucket = memory.read(todo[i]!, BUCKET.bytes);
    if (bucket === undefined) continue;
    for (let cell = 0; cell < 8; cell++) {
      if (bucket[cell]! < MIN_TOP_HASH) continue;
      const at = (column: number) => bucket.subarray(column + 16 * cell, column + 16 * cell + 16);
      pairs.push({ key: at(BUCKET.keys), value: at(BUCKET.values) });
    }
    const overflow = word(bucket, BUCKET.overflow);
    if (overflow !== 0) todo.push(overflow);
  }
  return pairs;
}

function readText(memory: ProcessMemory, header: Buffer, maxBytes: number): string | undefined {
  const length = Math.min(word(header, 8), maxBytes);
  if (length === 0) return '';
  return memory.read(word(header, 0), length)?.toString('utf8');
}

function word(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}
