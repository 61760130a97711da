/** Exit codes of every command. */
export const ExitCode = { ok: 0, failure: 1, usage: 2, dataLoss: 3 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/**
 * An error that a user can act on: one sentence that says where, what was found, what was expected and what to do.
 * Anything else that reaches `main` is a defect of gotape and is shown with its stack.
 */
export class UserError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, options?: { cause?: unknown; exitCode?: ExitCode }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'UserError';
    this.exitCode = options?.exitCode ?? ExitCode.failure;
  }
}

/** Text of whatever was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Code of a system error (`ENOENT`, …), if it is one. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
