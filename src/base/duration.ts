import { ExitCode, UserError } from './errors.js';

const NS_BY_UNIT: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/**
 * `10s`, `1.5s`, `250ms`, `100us`, `2m`, `1h`: nanoseconds, rounded to a whole number.
 * @param option name for the error message
 * @throws UserError (usage) that names what was given and what was expected
 */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(ns|us|µs|ms|s|m|h)$/.exec(text.trim());
  const ns = match ? Math.round(Number(match[1]) * NS_BY_UNIT[match[2]!]!) : Number.NaN;
  if (Number.isSafeInteger(ns)) return ns;
  throw new UserError(
    `${option}: ${JSON.stringify(text)} is not a duration; write a number and a unit: 10s, 1.5s, 250ms, 100us`,
    { exitCode: ExitCode.usage },
  );
}
