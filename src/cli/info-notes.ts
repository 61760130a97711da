/** `gotape info --notes`: what people said about a trace. */
import { ExitCode, errorText } from '../base/errors.js';
import { formatBytes, printable, printableJson } from '../base/text.js';
import { isAttachment, otherEntries } from '../trace/edit/whole-trace.js';
import { ATTACHMENTS } from '../trace/entry-names.js';
import { openTrace, type TraceFile } from '../trace/open-trace.js';
import type { Context, Outcome } from './context.js';

/** What is longer, or no text, is only listed. */
const MAXIMUM_SHOWN_BYTES = 64 * 1024;
const TEXT_ENDING = /\.(md|markdown|txt|log|csv|json|ya?ml)$/i;

/** Everything that `gotape info --notes --json` prints. */
interface TraceNotes {
  readonly schema: 'gotape.notes/1';
  readonly notes: readonly string[];
  readonly attachments: readonly { readonly name: string; readonly bytes: number; readonly text?: string }[];
}

export async function runInfoNotes(ctx: Context, args: { file: string; json: boolean }): Promise<Outcome> {
  using trace = await openTrace(args.file);
  const notes = collectNotes(trace);
  ctx.stdout.write(args.json ? `${printableJson(notes, 2)}\n` : describe(args.file, notes));
  for (const sentence of trace.damage) ctx.stderr.write(`warning: ${printable(sentence)}\n`);
  return { exitCode: trace.damage.length > 0 ? ExitCode.dataLoss : ExitCode.ok };
}

function collectNotes(trace: TraceFile): TraceNotes {
  const attachments = otherEntries(trace)
    .filter(isAttachment)
    .map((entry) => {
      const { name, unpackedSize: bytes } = entry;
      const isText = TEXT_ENDING.test(name) && bytes <= MAXIMUM_SHOWN_BYTES;
      return { name: name.slice(ATTACHMENTS.length), bytes, ...(isText ? { text: textOf(trace, entry) } : {}) };
    });
  return { schema: 'gotape.notes/1', notes: trace.facts.notes, attachments };
}

function textOf(trace: TraceFile, entry: Parameters<TraceFile['readEntry']>[0]): string {
  try {
    return Buffer.from(trace.readEntry(entry)).toString('utf8');
  } catch (error) {
    return `(cannot be read: ${errorText(error)})`;
  }
}

function describe(file: string, { notes, attachments }: TraceNotes): string {
  const lines = notes.flatMap((note) => indented(`note  ${note}`));
  for (const { name, bytes, text } of attachments) {
    lines.push(`file  ${printable(name)}, ${formatBytes(bytes)}`);
    if (text !== undefined) lines.push(...indented(`      ${text.trimEnd()}`));
  }
  if (lines.length === 0) return 'no notes and no attachments (gotape attach FILE note.md adds some)\n';
  if (attachments.length > 0) lines.push('', `unzip -p ${printable(file)} '${ATTACHMENTS}NAME' prints one as it is`);
  return `${lines.join('\n')}\n`;
}

/** Lines of text from a trace: harmless, and never at the margin, where they could pass for ours. */
function indented(text: string): string[] {
  return text.split(/\r?\n/).map((line, i) => printable(i === 0 ? line : `      ${line}`.replaceAll('\t', '    ')));
}
