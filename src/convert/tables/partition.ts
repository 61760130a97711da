/** Folders of a hive partition: `host=web1/date=2026-11-23`. Each trace is one file in one such folder. */
import { ExitCode, UserError } from '../../base/errors.js';
import { printable } from '../../base/text.js';
import type { TraceFacts } from '../../model/trace-facts.js';

const VALUE_BY_KEY: Readonly<Record<string, (facts: TraceFacts) => string>> = {
  host: ({ host }) => host.hostname,
  /** UTC, of the start of the recording. */
  date: ({ start }) => new Date(Number(BigInt(start.realtimeNs) / 1_000_000n)).toISOString().slice(0, 10),
  program: ({ targets: [target] }) => target?.executable.split('/').at(-1) ?? '',
};

/** What Hive, DuckDB and Spark read as null. */
const NO_VALUE = '__HIVE_DEFAULT_PARTITION__';

/** @throws UserError (usage) for a key that there is not */
export function partitionFolder(keys: readonly string[], facts: TraceFacts): string {
  return keys
    .map((key) => {
      const value = Object.hasOwn(VALUE_BY_KEY, key) ? VALUE_BY_KEY[key] : undefined;
      if (value !== undefined) return `${key}=${escaped(value(facts))}`;
      throw new UserError(
        `--partition ${printable(key)}: expected one or more of ${Object.keys(VALUE_BY_KEY).join(',')}`,
        { exitCode: ExitCode.usage },
      );
    })
    .join('/');
}

/** As Hive does it: no text of a trace leads to another folder. */
function escaped(value: string): string {
  if (value === '') return NO_VALUE;
  return encodeURIComponent(Buffer.from(value).toString()).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
