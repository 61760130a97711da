/** Trace files in memory: written as the recorder does, taken apart into entries, read back whole. */
import { bytesSource } from '../../src/base/byte-source.js';
import type { Gap, GoroutineInfo, LossFacts, TraceFacts, TraceSummary } from '../../src/model/trace-facts.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { readArchive, readEntry } from '../../src/trace/archive-reader.js';
import { ArchiveWriter, type ByteSink } from '../../src/trace/archive-writer.js';
import { TraceFile } from '../../src/trace/trace-file.js';
import { TraceWriter } from '../../src/trace/trace-writer.js';
import { emptyFacts, type Row, textTrace } from '../support/text-trace.js';

/** A file's bytes. Keeps what it is given: writers must not reuse their arrays. */
export class MemorySink implements ByteSink {
  #chunks: Uint8Array[] = [];

  write(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
  }

  truncate(offset: number): void {
    this.#chunks = [this.bytes.subarray(0, offset)];
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#chunks);
  }
}

export const START_NS = 7_000_000_000_000_000n;

export function testFacts(facts: Partial<TraceFacts> = {}): TraceFacts {
  const rest = {
    commandLine: ['app', '-v'],
    goVersion: 'go1.26',
    buildId: '',
    arch: 'amd64',
    layout: [],
    warnings: [],
  };
  return {
    ...emptyFacts,
    start: { monotonicNs: String(START_NS), boottimeNs: '1', realtimeNs: '1700000000000000000' },
    targets: [{ pid: 1, executable: '/srv/app', ...rest }],
    ...facts,
  };
}

const noLosses: LossFacts = {
  hits: 0,
  paired: 0,
  submitted: 0,
  dropped: 0,
  faulted: 0,
  filtered: 0,
  partial: 0,
  folded: 0,
  unnamed: 0,
  mismatched: 0,
  clamped: 0,
};

/** The end of a recording of `endNs`. */
export function testEnd(endNs: number) {
  return {
    end: { monotonicNs: String(START_NS + BigInt(endNs)), boottimeNs: '2', realtimeNs: '3' },
    cost: { userCpuNs: 1, systemCpuNs: 2, peakRssBytes: 3, startupCpuNs: 0 },
    stopReason: 'test',
    losses: noLosses,
  };
}

export async function writeTrace(source: TraceSource, facts: TraceFacts = testFacts(), sink = new MemorySink()) {
  const writer = new TraceWriter(sink, facts, { reasons: source.reasons, level: 1 });
  for await (const segment of source.segments())
    writer.segment(segment.transitions, segment.goroutines, segment.gaps, segment);
  writer.finish(testEnd(source.endNs));
  return sink.bytes;
}

/** Three segments with everything in them: goroutines, gaps, reasons, wakers. */
export function smallTrace(): Promise<Uint8Array> {
  return writeTrace(
    textTrace(`
      created 2 1 main.worker at=100
      100 2 dead runnable waker=1 tid=9 cpu=1
      150 2 runnable running p=0 tid=9 cpu=1
      segment
      gap 150 200 3
      200 2 running waiting reason=chan_receive tid=9 cpu=1
      segment
      300 2 waiting runnable waker=1 tid=9
      310 2 runnable running p=1 tid=9
      400 2 running dead tid=9
      end 500`),
  );
}

export interface ReadBack {
  readonly facts: TraceFacts;
  readonly summary: TraceSummary | undefined;
  readonly rows: Row[];
  readonly goroutines: GoroutineInfo[];
  readonly gaps: Gap[];
  readonly damage: readonly string[];
  readonly endNs: number;
  readonly segments: number[];
}

/** @throws UserError, or whatever a defect throws */
export async function readTrace(bytes: Uint8Array): Promise<ReadBack> {
  const source = bytesSource(bytes);
  using trace = new TraceFile(source, readArchive(source));
  const rows: Row[] = [];
  const goroutines: GoroutineInfo[] = [];
  const gaps: Gap[] = [];
  const segments: number[] = [];
  for await (const segment of trace.segments()) {
    segments.push(segment.index);
    const { transitions: t } = segment;
    for (let i = 0; i < t.length; i++) {
      rows.push({
        timeNs: t.timeNs[i]!,
        goid: t.goid[i]!,
        pid: t.pid[i]!,
        tid: t.tid[i]!,
        cpu: t.cpu[i]!,
        p: t.p[i]!,
        from: t.from[i]!,
        to: t.to[i]!,
        reason: trace.reasons[t.reason[i]!]!,
        waker: t.waker[i]!,
        wakeSource: t.wakeSource[i]!,
        stack: t.stack[i]!,
      });
    }
    goroutines.push(...segment.goroutines);
    gaps.push(...segment.gaps);
  }
  trace.measureTables();
  const { facts, summary, damage, endNs } = trace;
  return { facts, summary, rows, goroutines, gaps, damage, endNs, segments };
}

export interface Entry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function unpack(archive: Uint8Array): Entry[] {
  const source = bytesSource(archive);
  return readArchive(source).entries.map((entry) => ({ name: entry.name, bytes: readEntry(source, entry) }));
}

export function pack(entries: readonly Entry[]): Uint8Array {
  const sink = new MemorySink();
  const writer = new ArchiveWriter(sink);
  for (const { name, bytes } of entries) writer.add([name, bytes]);
  writer.finish();
  return sink.bytes;
}

/** The archive with one entry changed, its CRC set right. */
export function changeEntry(archive: Uint8Array, name: string, change: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  return pack(unpack(archive).map((entry) => (entry.name === name ? { name, bytes: change(entry.bytes) } : entry)));
}
