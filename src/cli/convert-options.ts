/** What `gotape convert` can be told, and which format it means. */
import { ExitCode, UserError } from '../base/errors.js';
import { parseSize } from '../base/size.js';
import { printable } from '../base/text.js';
import { type ConvertFormat, type ConvertOptions, TRACK_CHOICES, type TrackChoice } from '../convert/format.js';
import { FORMATS } from '../convert/formats.js';

/** As the user wrote them. */
export interface ConvertOptionArgs {
  readonly tracks?: string | undefined;
  readonly layout?: string | undefined;
  readonly split?: string | undefined;
  readonly table?: string | undefined;
  readonly partition?: string | undefined;
}

const DEFAULT_FORMAT = 'chrome';
/** A file begins between two segments of the trace, each of which takes up to 20 MB. */
const MIN_SPLIT_BYTES = 50_000_000;

/** `--to`; without it what the name of the output ends in, or Chrome JSON. @throws UserError (usage) */
export function formatOf(to: string | undefined, output: string | undefined): ConvertFormat {
  const name = to ?? formatOfName(output ?? '')?.name ?? DEFAULT_FORMAT;
  const format = FORMATS.find((known) => known.name === name);
  if (format !== undefined) return format;
  const names = FORMATS.map((known) => known.name).join(', ');
  throw usage(`--to ${printable(name)}: not a format, expected ${names} (gotape convert --list)`);
}

/** Of several endings that fit the longest one: `.speedscope.json` is not `.json`. */
function formatOfName(output: string): ConvertFormat | undefined {
  const plain = output.replace(/\.gz$/, '');
  return FORMATS.filter(({ extension }) => plain.endsWith(extension.replace(/\.gz$/, ''))).toSorted(
    (a, b) => b.extension.length - a.extension.length,
  )[0];
}

/** @throws UserError (usage) for what the format does not have */
export function optionsFor(format: ConvertFormat, args: ConvertOptionArgs): ConvertOptions {
  const { layout, split, table, partition } = args;
  const { options: has = [] } = format;
  if (split !== undefined && !has.includes('splitBytes')) refuse(format, 'split', 'splitBytes');
  if (table !== undefined && !has.includes('table')) refuse(format, 'table', 'table');
  if (partition !== undefined && !has.includes('partition')) refuse(format, 'partition', 'partition');
  return {
    tracks: tracksFor(format, args.tracks),
    layout: layout === undefined ? undefined : layoutFor(format, layout),
    splitBytes: split === undefined ? undefined : splitBytesOf(split),
    table,
    partition: partition === undefined ? undefined : listOf('--partition', partition),
  };
}

function refuse(format: ConvertFormat, option: string, key: 'splitBytes' | 'table' | 'partition'): never {
  const others = FORMATS.filter(({ options = [] }) => options.includes(key)).map(({ name }) => name);
  throw usage(
    `--${option}: ${format.name} has no such option; ${others.join(', ')} ${others.length === 1 ? 'has' : 'have'}`,
  );
}

function layoutFor({ name, layouts = [] }: ConvertFormat, layout: string): string {
  if (layouts.includes(layout)) return layout;
  const expected = layouts.length > 0 ? `expected ${layouts.join(' or ')}` : `${name} has only one layout`;
  throw usage(`--layout ${printable(layout)}: ${expected}`);
}

function tracksFor(format: ConvertFormat, text: string | undefined): ReadonlySet<TrackChoice> | undefined {
  if (text === undefined) return undefined;
  const { name, tracks = [] } = format;
  if (tracks.length === 0) throw usage(`--tracks: ${name} has no tracks to choose`);
  const wanted = listOf('--tracks', text);
  const unknown = wanted.find((track) => !tracks.some((known) => known === track));
  if (unknown !== undefined) {
    throw usage(`--tracks ${printable(unknown)}: expected one or more of ${tracks.join(',')}`);
  }
  return new Set(TRACK_CHOICES.filter((track) => wanted.includes(track)));
}

function splitBytesOf(text: string): number {
  const bytes = parseSize(text, '--split');
  if (bytes >= MIN_SPLIT_BYTES) return bytes;
  throw usage(`--split ${text}: expected at least 50MB`);
}

function listOf(option: string, text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.some((item) => item === ''))
    throw usage(`${option} ${printable(text)}: expected names with commas between`);
  return items;
}

function usage(message: string): UserError {
  return new UserError(message, { exitCode: ExitCode.usage });
}

/** What `--list` prints: a line for each format. */
export function formatList(): string {
  const width = Math.max(...FORMATS.map(({ name }) => name.length));
  return FORMATS.map(({ name, title, opens }) => `${name.padEnd(width)}  ${title}; opens in ${opens}\n`).join('');
}
