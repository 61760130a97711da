/** Small traces to mutate: the beginning of each real one, so that a hundred thousand can be read in two minutes. */
import { readdirSync, readFileSync } from 'node:fs';
import { bytesSource } from '../../src/base/byte-source.js';
import { WindowSource } from '../../src/replay/window/window-source.js';
import { readArchive } from '../../src/trace/archive-reader.js';
import { cutTrace } from '../../src/trace/edit/cut-trace.js';
import { mergeTraces } from '../../src/trace/edit/merge-traces.js';
import { TraceFile } from '../../src/trace/trace-file.js';
import { TraceWriter } from '../../src/trace/trace-writer.js';
import { detailedTrace } from '../support/trace-with-details.js';
import { type Entry, MemorySink, smallTrace, testEnd, testFacts, unpack, writeTrace } from '../trace/memory-file.js';
import { balanced } from '../trace/sound-trace.js';

const ROWS = 40;
const fixtures = new URL('../../fixtures/', import.meta.url);

export async function loadCorpus(): Promise<Entry[][]> {
  const names = readdirSync(fixtures).filter((name) => name.endsWith('.gotape.zip') && !name.includes('cut-off'));
  // Some have two segments, for what may go wrong between them; one is read in half the time.
  const files = await Promise.all(
    names.map((name, i) => beginning(readFileSync(new URL(name, fixtures)), i % 5 === 0 ? 2 : 1)),
  );
  const future = readFileSync(new URL('versions/from-the-future.gotape.zip', fixtures));
  const note = { name: 'attachments/note.md', bytes: Buffer.from('a note') };
  const made = [await smallTrace(), await beginning(future, 1), ...(await detailedTraces())];
  return [...files, ...made].map((file) => [...unpack(balanced(file)), note]);
}

/** With stacks, calls, an OS schedule and labels: as recorded, cut, and merged. */
async function detailedTraces(): Promise<Uint8Array[]> {
  const whole = await writeTrace(detailedTrace());
  const other = await writeTrace(detailedTrace(), testFacts({ host: { ...testFacts().host, bootId: 'other' } }));
  const open = (file: Uint8Array) => new TraceFile(bytesSource(file), readArchive(bytesSource(file)));
  const [cut, merged] = [new MemorySink(), new MemorySink()];
  const part = new WindowSource(open(whole), { fromNs: 180, toNs: 396, goids: [], functions: [] });
  await cutTrace(open(whole), part, cut, { level: 1 });
  const named = [whole, other].map((file, i) => ({ name: String(i), trace: open(file) }));
  await mergeTraces(named, merged, { level: 1, producer: 'test' });
  return [whole, cut.bytes, merged.bytes];
}

async function beginning(file: Uint8Array, segments: number): Promise<Uint8Array> {
  const source = bytesSource(file);
  using trace = new TraceFile(source, readArchive(source));
  const sink = new MemorySink();
  const writer = new TraceWriter(sink, trace.facts, { reasons: trace.reasons, level: 1 });
  let from = 0;
  for await (const { transitions, goroutines, gaps } of trace.segments()) {
    for (let segment = 0; segment < segments && from + ROWS <= transitions.length; segment++, from += ROWS) {
      const columns = Object.entries(transitions).map(([name, column]) => [
        name,
        ArrayBuffer.isView(column) ? (column as Uint8Array).slice(from, from + ROWS) : ROWS,
      ]);
      writer.segment(Object.fromEntries(columns), goroutines.slice(0, 8), gaps.slice(0, 2));
    }
    break;
  }
  const { end } = trace.summary ?? testEnd(0);
  writer.finish({ ...testEnd(0), end });
  return sink.bytes;
}
