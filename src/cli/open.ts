/** `gotape open`: a trace in Perfetto's UI, which fetches it from this machine. Nothing leaves it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ExitCode, UserError } from '../base/errors.js';
import { formatBytes, printable } from '../base/text.js';
import { FORMATS } from '../convert/formats.js';
import { WindowSource } from '../replay/window/window-source.js';
import { openTrace } from '../trace/open-trace.js';
import type { Context, Outcome } from './context.js';
import { hasLosses } from './convert.js';
import { FileOutput } from './convert-output.js';
import { ConvertProgress } from './convert-progress.js';
import { convertTrace } from './convert-trace.js';
import { OpenServer } from './open-server.js';
import { uiFolderOf } from './open-ui.js';
import { selectionOf, type WindowArgs } from './window-options.js';

export interface OpenArgs {
  readonly file: string;
  /** Folder of a viewer to serve too; undefined: the one at ui.perfetto.dev. */
  readonly ui: string | undefined;
  readonly window: WindowArgs | undefined;
}

const FORMAT = 'perfetto';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export async function runOpen(ctx: Context, args: OpenArgs): Promise<Outcome> {
  const ui = args.ui === undefined ? undefined : uiFolderOf(args.ui);
  using scratch = new ScratchFolder();
  const { path, exitCode } = await convertInto(ctx, args, scratch.path);
  const server = await OpenServer.start(path, ui);
  const stop = () => server.stop();
  scratch.ignoreSignals();
  for (const signal of SIGNALS) process.once(signal, stop);
  try {
    ctx.stdout.write(`${server.link}\n`);
    const permission = ui === undefined ? ', and allow the page to reach this device if it asks' : '';
    ctx.stderr.write(`open this link in a browser on this machine${permission}; Ctrl-C ends\n`);
    const isFetched = await server.done;
    ctx.stderr.write(isFetched ? 'the viewer has the trace\n' : 'ended before a viewer had the trace\n');
    return { exitCode };
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

async function convertInto(ctx: Context, args: OpenArgs, folder: string): Promise<Outcome & { readonly path: string }> {
  const format = FORMATS.find(({ name }) => name === FORMAT);
  if (format === undefined) throw new Error(`no format ${FORMAT}`);
  using trace = await openTrace(args.file);
  const source = args.window === undefined ? trace : new WindowSource(trace, await selectionOf(trace, args.window));
  const path = join(folder, `${basename(args.file).replace(/(\.gotape)?\.zip$/, '')}${format.extension}`);
  const output = new FileOutput(path, false);
  const progress = new ConvertProgress(ctx, () => output.bytes);
  try {
    await convertTrace(format, source, output, {}, (segment) => progress.segment(source, segment));
    await output.publish();
  } catch (error) {
    await output.abandon();
    throw error;
  } finally {
    progress.clear();
  }
  ctx.stderr.write(`${printable(basename(path))}: ${formatBytes(output.bytes)}\n`);
  return { path, exitCode: hasLosses(trace) ? ExitCode.dataLoss : ExitCode.ok };
}

/** Private to this user, and gone at the end. */
class ScratchFolder implements Disposable {
  readonly path: string;
  readonly #remove = () => rmSync(this.path, { recursive: true, force: true });
  readonly #removeOnSignal = (signal: NodeJS.Signals) => {
    this.#remove();
    process.kill(process.pid, signal);
  };

  constructor() {
    try {
      this.path = mkdtempSync(join(tmpdir(), 'gotape-open-'));
    } catch (error) {
      throw new UserError(`${printable(tmpdir())}: no folder can be made there for the converted trace`, {
        cause: error,
      });
    }
    for (const signal of SIGNALS) process.once(signal, this.#removeOnSignal);
  }

  /** Signals mean something else from now on. */
  ignoreSignals(): void {
    for (const signal of SIGNALS) process.off(signal, this.#removeOnSignal);
  }

  [Symbol.dispose](): void {
    this.ignoreSignals();
    this.#remove();
  }
}
