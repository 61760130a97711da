/** Tables without lines that fit {@link LINE_WIDTH} columns. */
import Table from 'cli-table3';
import { printable } from '../base/text.js';

export const LINE_WIDTH = 100;
const INDENT = '  ';
const MIN_FLEXIBLE = 8;

export interface TableColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export interface TableContent {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
  /** Index of the column that gives way when a line is too long: names. */
  readonly flexible: number;
}

/** Lines of a table, its head first; nothing that a terminal would obey is in them. */
export function tableLines(content: TableContent): string[] {
  const rows = [content.columns.map(({ title }) => title), ...content.rows.map((row) => row.map(printable))];
  const widths = content.columns.map((_, column) => Math.max(...rows.map((row) => displayWidth(row[column] ?? ''))));
  const lineWidth = INDENT.length * widths.length + widths.reduce((sum, width) => sum + width, 0);
  const flexible = widths[content.flexible] ?? 0;
  const room = Math.max(MIN_FLEXIBLE, flexible - Math.max(0, lineWidth - LINE_WIDTH));
  const table = new Table({
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: content.columns.map(({ align }) => align),
  });
  for (const row of rows) table.push(row.map((cell, at) => (at === content.flexible ? shorten(cell, room) : cell)));
  return table
    .toString()
    .split('\n')
    .map((line) => `${INDENT}${line}`.trimEnd());
}

/** At most `width` columns; the end of a Go name tells more than its beginning. */
export function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const kept: string[] = [];
  let used = 1;
  for (const character of [...text].reverse()) {
    used += characterWidth(character);
    if (used > width) break;
    kept.push(character);
  }
  return `…${kept.reverse().join('')}`;
}

function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Never too small: everything from Hangul on counts as wide. */
function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0x1100 && !(code >= 0x2010 && code <= 0x2027) && code !== 0xfffd ? 2 : 1;
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: INDENT,
};
