/** `gotape analyze --html`: the analysis with pictures, as one file. */
import type { Analysis } from '../analyze/analysis.js';
import type { Picture } from '../analyze/picture/picture.js';
import { PictureSink } from '../analyze/picture/picture-sink.js';
import { shownGoroutines } from '../analyze/picture/shown-goroutines.js';
import type { TraceSource } from '../model/trace-segment.js';
import { GoroutineTable } from '../replay/goroutine-table.js';
import { Replay } from '../replay/replay.js';
import { StackTable } from '../replay/stack-table.js';
import { clippedTo } from '../replay/window/clipped-sink.js';
import { type Selection, WindowSource } from '../replay/window/window-source.js';
import { reportHtml } from '../report/html/report-html.js';
import { ConvertedFile } from './converted-file.js';
import { versionText } from './version.js';

/** Rows of the time line: a screen full. */
const ROWS_SHOWN = 32;

export interface HtmlReport {
  readonly file: string;
  readonly command: string;
  readonly analysis: Analysis;
  readonly selection: Selection | undefined;
  readonly overwrite: boolean;
}

/** Reads the trace once more, and writes the page. @throws UserError when it cannot be written */
export async function writeHtmlReport(trace: TraceSource, path: string, report: HtmlReport): Promise<void> {
  const { file, command, analysis, selection, overwrite } = report;
  const source = selection === undefined ? trace : new WindowSource(trace, selection);
  const picture = await drawPicture(source, analysis);
  const html = reportHtml({ analysis, picture, file, command, producer: `gotape ${versionText()}` });
  const output = await ConvertedFile.create(path, overwrite);
  try {
    await output.write(Buffer.from(html));
    await output.complete();
    await output.publish();
  } catch (error) {
    await output.close();
    output.discard();
    throw error;
  }
}

async function drawPicture(source: TraceSource, analysis: Analysis): Promise<Picture> {
  const { window } = source.facts;
  const startNs = window?.fromNs ?? 0;
  const goroutines = new GoroutineTable();
  const stacks = new StackTable();
  const { reasons } = source;
  const shown = shownGoroutines(analysis, ROWS_SHOWN);
  const sink = new PictureSink({
    goroutines,
    stacks,
    reasons,
    startNs,
    endNs: startNs + Math.max(1, analysis.durationNs),
    shown,
  });
  const replay = new Replay(reasons, goroutines, clippedTo(window, sink));
  for await (const segment of source.segments()) {
    stacks.add(segment);
    replay.segment(segment);
  }
  replay.finish(source.endNs);
  return sink.result();
}
