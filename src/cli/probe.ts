/** `gotape probe`: which functions `record --call` would find, without privileges. */
import { ExitCode, UserError } from '../base/errors.js';
import { printableJson } from '../base/text.js';
import { openGoExecutable } from '../goexe/open-go-executable.js';
import type { Context, Outcome } from './context.js';
import { type ProbeReport, probeReport } from './probe-report.js';
import { describeProbes } from './probe-text.js';

export interface ProbeArgs {
  readonly exe: string;
  readonly pattern: string;
  readonly json: boolean;
}

export async function runProbe(ctx: Context, { exe: path, pattern, json }: ProbeArgs): Promise<Outcome> {
  using opened = openGoExecutable(path, path);
  const report = probeReport(opened.exe, pattern, await opened.exe.callTargets([pattern]));
  if (report.functions.length === 0 && report.inlined.length === 0) throw nothingFound(path, pattern, report);
  ctx.stdout.write(json ? `${printableJson(report, 2)}\n` : describeProbes(report));
  return { exitCode: report.functions.some(({ canBeRecorded }) => canBeRecorded) ? ExitCode.ok : ExitCode.failure };
}

function nothingFound(path: string, pattern: string, { goVersion }: ProbeReport): UserError {
  return new UserError(
    `${path}: no function of this ${goVersion} executable is called '${pattern}' ('*' is any text; methods are main.(*T).M or main.T.M)`,
  );
}
