/** The tables `functions` (frames) and `stacks` of a trace recorded with `--stacks` (docs/format.md). */
import type { FrameInfo, StackInfo } from '../model/stack.js';
import { boolColumn, stringColumn, uint32Column, uint32ListColumn } from './arrow-columns.js';
import { decodeTable, encodeTable } from './arrow-file.js';
import { ColumnAccess } from './column-access.js';

const NO_METADATA: ReadonlyMap<string, string> = new Map();

export function encodeFrames(rows: readonly FrameInfo[], level: number): Uint8Array {
  const columns = [
    uint32Column(
      'frame',
      Uint32Array.from(rows, ({ id }) => id),
    ),
    stringColumn(
      'function',
      rows.map((row) => row.function),
    ),
    stringColumn(
      'file',
      rows.map(({ file }) => file),
    ),
    uint32Column(
      'line',
      Uint32Array.from(rows, ({ line }) => line),
    ),
    boolColumn(
      'inlined',
      rows.map(({ inlined }) => inlined),
    ),
  ];
  return encodeTable(columns, rows.length, NO_METADATA, level);
}

/** @throws UserError */
export function decodeFrames(bytes: Uint8Array, entry: string): FrameInfo[] {
  const columns = new ColumnAccess(decodeTable(bytes, entry), entry);
  const id = columns.unsigned('frame');
  const functions = columns.strings('function');
  const file = columns.strings('file');
  const line = columns.unsigned('line');
  const inlined = columns.bools('inlined');
  return functions.map((name, i) => ({
    id: id[i]!,
    function: name,
    file: file[i]!,
    line: line[i]!,
    inlined: inlined[i]!,
  }));
}

export function encodeStacks(rows: readonly StackInfo[], level: number): Uint8Array {
  const columns = [
    uint32Column(
      'stack',
      Uint32Array.from(rows, ({ id }) => id),
    ),
    uint32ListColumn(
      'frames',
      rows.map(({ frames }) => frames),
    ),
    boolColumn(
      'truncated',
      rows.map(({ truncated }) => truncated),
    ),
  ];
  return encodeTable(columns, rows.length, NO_METADATA, level);
}

/** @throws UserError */
export function decodeStacks(bytes: Uint8Array, entry: string): StackInfo[] {
  const columns = new ColumnAccess(decodeTable(bytes, entry), entry);
  const id = columns.unsigned('stack');
  const frames = columns.uint32Lists('frames');
  const truncated = columns.bools('truncated');
  return frames.map((list, i) => ({ id: id[i]!, frames: Array.from(list), truncated: truncated[i]! }));
}
