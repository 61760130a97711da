/** `gotape verify`: is a trace file sound, in every byte and in what it says? */
import { ExitCode, errorText, UserError } from '../base/errors.js';
import { printableJson } from '../base/text.js';
import { describeVerification, type VerifyFacts } from '../report/verify-text.js';
import { openTraceSource } from '../trace/open-trace.js';
import { verifyTrace } from '../trace/verify/verify-trace.js';
import type { Context, Outcome } from './context.js';

export async function runVerify(
  ctx: Context,
  { files, json }: { files: readonly string[]; json: boolean },
): Promise<Outcome> {
  let isSound = true;
  const reports: VerifyFacts[] = [];
  for (const file of files) {
    const report = verifyFile(file);
    isSound &&= Object.keys(report.problemCounts).length === 0;
    if (json) reports.push(report);
    else ctx.stdout.write(describeVerification(report));
  }
  if (json) ctx.stdout.write(`${printableJson({ schema: 'gotape.verify/1', sound: isSound, files: reports }, 2)}\n`);
  return { exitCode: isSound ? ExitCode.ok : ExitCode.failure };
}

/** What is no trace at all is a problem like others: the next file is looked at all the same. */
function verifyFile(file: string): VerifyFacts {
  try {
    using source = openTraceSource(file);
    return { file, ...verifyTrace(source) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const found = errorText(error).replace(`${file}: `, '');
    const problem = { kind: 'archive', entry: '', found, expected: 'a gotape trace that can be read' };
    return { file, problems: [problem], problemCounts: { archive: 1 }, counts: undefined, repaired: [] };
  }
}
