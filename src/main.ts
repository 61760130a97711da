#!/usr/bin/env node
/** argv in, exit code out. */
import { ExitCode, UserError } from './base/errors.js';
import { printable } from './base/text.js';
import { parseAndRun } from './cli/commands.js';

/** A reader that went away (`| head`) is no error of ours. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(ExitCode.ok);
  });
}

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
