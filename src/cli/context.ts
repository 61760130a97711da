import type { ExitCode } from '../base/errors.js';

/** What a command may touch of the world outside: tests hand in their own. */
export interface Context {
  /** Results. */
  readonly stdout: NodeJS.WritableStream;
  /** Progress and talk. */
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
}

/** What a command hands back to `main`. */
export interface Outcome {
  readonly exitCode: ExitCode | number;
}
