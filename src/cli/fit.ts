/** `gotape compact --fit SIZE`: the window of a trace that tells most, in a file of at most that size. */

import { InterestMeter } from '../analyze/interest.js';
import { UserError } from '../base/errors.js';
import { nextTurn } from '../base/next-turn.js';
import { formatBytes, formatCount, formatNs } from '../base/text.js';
import type { TraceWindow } from '../model/trace-window.js';
import { GoroutineTable } from '../replay/goroutine-table.js';
import { Replay } from '../replay/replay.js';
import { WindowSource } from '../replay/window/window-source.js';
import { compactTrace } from '../trace/edit/compact-trace.js';
import { cutTrace, type TracePart } from '../trace/edit/cut-trace.js';
import { openTrace, type TraceFile } from '../trace/open-trace.js';
import type { Context } from './context.js';
import { withScratch } from './edited-trace.js';
import type { OutputFile } from './output-file.js';
import { SizeSearch } from './size-search.js';

const ATTEMPTS = 8;
/** What a window is written with before it is compacted. */
const SCRATCH_LEVEL = 1;

export interface FitOptions {
  readonly output: string;
  readonly level: number;
  readonly fitBytes: number;
  /** Undefined: where the trace tells most. */
  readonly aroundNs: number | undefined;
  /** Called with the trace that was cut and the file that it was compacted to. */
  readonly check: (cut: TraceFile, path: string) => Promise<void>;
}

export interface Fitted {
  /** What the reader of the file cannot see. */
  readonly leftOut: string;
}

/** @param bytesPerRow of the compacted trace, as far as it is known. @throws UserError when no window fits */
export async function writeFitted(
  ctx: Context,
  trace: TraceFile,
  file: OutputFile,
  options: FitOptions,
  bytesPerRow: number,
): Promise<Fitted> {
  const meter = await measure(trace);
  const search = new SizeSearch(options.fitBytes, bytesPerRow);
  for (let attempt = 1; attempt <= ATTEMPTS && !search.isDone; attempt++) {
    const window = windowOf(meter, search.rows, options);
    const bytes = window === undefined ? 0 : await writeWindow(ctx, trace, file, window, meter, options);
    search.note(window, bytes);
  }
  const { best } = search;
  if (best === undefined) {
    throw new UserError(
      `--fit ${formatBytes(options.fitBytes)}: not even a short window of this trace fits; a greater size may do`,
    );
  }
  if (search.last !== best) await writeWindow(ctx, trace, file, best, meter, options);
  return { leftOut: sentence(trace, best, meter, options.fitBytes) };
}

async function measure(trace: TraceFile): Promise<InterestMeter> {
  const meter = new InterestMeter(trace.reasons);
  const replay = new Replay(trace.reasons, new GoroutineTable(), meter);
  for await (const segment of trace.segments()) {
    meter.count(segment.transitions);
    replay.segment(segment);
    await nextTurn();
  }
  replay.finish(trace.endNs);
  return meter;
}

function windowOf(meter: InterestMeter, rows: number, { aroundNs }: FitOptions): TraceWindow | undefined {
  return aroundNs === undefined ? meter.bestWindow(rows) : meter.windowAround(aroundNs, rows);
}

/** Returns the size of the file. */
async function writeWindow(
  ctx: Context,
  trace: TraceFile,
  file: OutputFile,
  window: TraceWindow,
  meter: InterestMeter,
  options: FitOptions,
): Promise<number> {
  const part = new WindowSource(trace, { ...window, goids: [], functions: [] });
  const told = withSentence(part, sentence(trace, window, meter, options.fitBytes));
  await withScratch(ctx, options.output, async (scratch) => {
    await cutTrace(trace, told, scratch, { level: SCRATCH_LEVEL });
    using cut = await openTrace(scratch.path);
    file.truncate(0);
    await compactTrace(cut, file, options);
    if (file.bytes <= options.fitBytes) await options.check(cut, file.path);
  });
  return file.bytes;
}

/** The same part, with a sentence for its readers. */
function withSentence(part: WindowSource, text: string): TracePart {
  const { facts } = part;
  return {
    facts: { ...facts, invisible: [text, ...facts.invisible] },
    get endNs() {
      return part.endNs;
    },
    segments: () => part.segments(),
  };
}

function sentence(trace: TraceFile, { fromNs, toNs }: TraceWindow, meter: InterestMeter, fitBytes: number): string {
  const { inside, all } = meter.countInside({ fromNs, toNs });
  const sides = [
    ...(fromNs > 0 ? [`before ${formatNs(fromNs)}`] : []),
    ...(toNs < trace.endNs ? [`from ${formatNs(toNs)} on`] : []),
  ];
  return (
    `left out so that the file fits ${formatBytes(fitBytes)}: everything ${sides.join(' and ')}, of ` +
    `${formatNs(trace.endNs)}; ${formatCount(inside)} of the ${formatCount(all)} worst scheduling waits and longest blocks ` +
    'end in what is left'
  );
}
