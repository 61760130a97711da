#!/usr/bin/env node
/** argv in, exit code out. */
import { ExitCode, UserError } from './base/errors.js';
import { printable } from './base/text.js';
import { parseAndRun } from './cli/commands.js';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that went away (`| head`) is no error of ours.
  if (error.code === 'EPIPE') process.exit(ExitCode.ok);
  process.stderr.write(`gotape: stdout: cannot be written: ${error.message}\n`);
  process.exit(ExitCode.failure);
});
// Talk that nobody hears must not end a recording.
process.stderr.on('error', () => {});

try {
  const { exitCode } = await parseAndRun(
    { stdout: process.stdout, stderr: process.stderr, env: process.env },
    process.argv.slice(2),
  );
  process.exitCode = exitCode;
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`gotape: ${printable(error.message)}\n`);
  process.exitCode = error.exitCode;
}
