import { ExitCode, UserError } from './errors.js';

const BYTES_BY_UNIT: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  K: 1024,
  KIB: 1024,
  KB: 1000,
  M: 1024 ** 2,
  MIB: 1024 ** 2,
  MB: 1000 ** 2,
  G: 1024 ** 3,
  GIB: 1024 ** 3,
  GB: 1000 ** 3,
};

/**
 * `64MiB`, `64M` (1024²), `25MB` (1000²), `4096` → bytes.
 * @param option name for the error message
 * @throws UserError (usage)
 */
export function parseSize(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = BYTES_BY_UNIT[match?.[2]?.toUpperCase() ?? '?'];
  const bytes = Math.round(Number(match?.[1]) * (unit ?? Number.NaN));
  if (!Number.isSafeInteger(bytes) || bytes <= 0) {
    throw new UserError(`${option}: ${JSON.stringify(text)} is not a size; write 64MiB, 25MB or 4096`, {
      exitCode: ExitCode.usage,
    });
  }
  return bytes;
}
