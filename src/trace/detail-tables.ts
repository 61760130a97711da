/** The tables of {@link SegmentDetails}, in pieces that readers accept. */
import type { CallInfo } from '../model/call.js';
import { type OsScheduleBatch, sliceOsSchedule } from '../model/os-schedule.js';
import type { StackInfo } from '../model/stack.js';
import type { SegmentDetails } from '../model/trace-segment.js';
import { encodeCalls } from './calls-table.js';
import type { DetailTableName } from './entry-names.js';
import { encodeSched, type SchedEncoding } from './sched-table.js';
import { encodeFrames, encodeStacks } from './stacks-table.js';

/** Rows of one table that holds text. */
const MAXIMUM_ROWS = 65_536;
const MAXIMUM_SCHED_ROWS = 1 << 20;
/** Frames of all stacks of a table together: the length of a list's values is bounded like that of a table. */
export const MAXIMUM_LISTED = 1 << 20;
/** UTF-16 units of the arguments of one table: their text counts in the 64 MiB that a table may unpack to. */
const MAXIMUM_TEXT = 1 << 23;

export type EncodedDetails = (readonly [table: DetailTableName, encode: () => Uint8Array])[];

/** The tables of each segment that is needed to hold the details: one, usually. Frames come before stacks that name them. */
export function encodeDetails(details: SegmentDetails, encoding: SchedEncoding): EncodedDetails[] {
  const segments: EncodedDetails[] = [];
  for (const table of tablesOf(details, encoding)) {
    const last = segments.at(-1);
    if (last === undefined || last.some(([name]) => name === table[0])) segments.push([table]);
    else last.push(table);
  }
  return segments;
}

function tablesOf(details: SegmentDetails, encoding: SchedEncoding): EncodedDetails {
  const { frames = [], stacks = [], calls = [], osSchedule } = details;
  const { level } = encoding;
  return [
    ...chunked(frames, () => 0).map((rows) => ['functions', () => encodeFrames(rows, level)] as const),
    ...chunked(stacks, listShare).map((rows) => ['stacks', () => encodeStacks(rows, level)] as const),
    ...chunked(calls, textShare).map((rows) => ['calls', () => encodeCalls(rows, level)] as const),
    ...schedPieces(osSchedule).map((batch) => ['sched', () => encodeSched(batch, encoding)] as const),
  ];
}

function listShare({ frames }: StackInfo): number {
  return frames.length / MAXIMUM_LISTED;
}

function textShare(call: CallInfo): number {
  return call.arguments.length / MAXIMUM_TEXT;
}

function schedPieces(batch: OsScheduleBatch | undefined): OsScheduleBatch[] {
  const pieces: OsScheduleBatch[] = [];
  for (let from = 0; batch !== undefined && from < batch.length; from += MAXIMUM_SCHED_ROWS)
    pieces.push(sliceOsSchedule(batch, from, Math.min(batch.length, from + MAXIMUM_SCHED_ROWS)));
  return pieces;
}

/** @param shareOf part of what a table may hold; never more than a table takes, save for one row alone */
function chunked<T>(rows: readonly T[], shareOf: (row: T) => number): T[][] {
  const chunks: T[][] = [];
  let filled = 1;
  for (const row of rows) {
    const share = Math.max(shareOf(row), 1 / MAXIMUM_ROWS);
    if (filled + share > 1) {
      chunks.push([]);
      filled = 0;
    }
    filled += share;
    chunks.at(-1)!.push(row);
  }
  return chunks;
}
