import { ExitCode, UserError } from './errors.js';

const NS_BY_UNIT: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/**
 * `10s`, `1.5s`, `250ms`, `100us`, `1m30s` → nanoseconds. A bare number is seconds.
 * @throws UserError (usage)
 */
export function parseDuration(text: string): number {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Math.round(Number(trimmed) * 1e9);
  let total = 0;
  let rest = trimmed;
  while (rest !== '') {
    const match = /^(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/.exec(rest);
    if (!match) throw new UserError(`"${text}" is not a duration; write 10s, 1.5s, 250ms or 1m30s`, { exitCode: ExitCode.usage });
    total += Number(match[1]) * NS_BY_UNIT[match[2]!]!;
    rest = rest.slice(match[0].length);
  }
  if (trimmed === '') throw new UserError('a duration is missing; write 10s, 1.5s, 250ms or 1m30s', { exitCode: ExitCode.usage });
  return Math.round(total);
}
