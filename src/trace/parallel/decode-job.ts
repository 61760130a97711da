/** What passes between the thread that reads a trace and those that decode it. */
import type { ArchiveEntry } from '../archive-reader.js';

/** Said once, to a thread that begins. */
export interface DecodeSetup {
  /** Threads of a process share its open files: this is the very file that was opened, whatever its path is by now. */
  readonly descriptor: number;
  readonly sizeBytes: number;
  readonly slots: readonly SharedArrayBuffer[];
  readonly startMonotonicNs: bigint;
  readonly pid: number;
}

export interface DecodeJob {
  readonly position: number;
  readonly entry: ArchiveEntry;
  /** Number of the memory to fill. */
  readonly slot: number;
}

export interface DecodeAnswer {
  readonly position: number;
  /** -1: could not be decoded. */
  readonly rows: number;
  /** What the numbers of the column `reason` stand for. */
  readonly reasons: readonly string[];
}

/** The first message of a thread. */
export const READY = 'ready';
