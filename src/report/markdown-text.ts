/** Pieces of Markdown as issue trackers read it. Names from a trace are strangers: they stay text, whatever is in them. */
import { printable } from '../base/text.js';

/** Longer names are cut: an issue is read in a narrow column. */
const NAME_MAX = 80;

/** A name as a code span: no mention, link, tag or issue number comes to life in it. */
export function code(name: string): string {
  return verbatim(shortened(name));
}

/** The same for text that must be whole: a command. */
export function verbatim(text: string): string {
  const shown = printable(text).replaceAll('|', '\\|');
  const runs = shown.match(/`+/g) ?? [];
  const fence = '`'.repeat(1 + Math.max(0, ...runs.map((run) => run.length)));
  const pad = shown.startsWith('`') || shown.endsWith('`') || shown.trim() === '' ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** A sentence of ours that may hold names of theirs: what Markdown and HTML would act on is escaped. */
export function prose(text: string): string {
  return printable(text)
    .replace(/[\\`*_[\]<>|#~!]/g, '\\$&')
    .replaceAll('@', '@\u200b')
    .replaceAll('&', '&amp;');
}

export interface MarkdownColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Cells are Markdown already. */
export function table(columns: readonly MarkdownColumn[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ align }) => (align === 'right' ? '---:' : '---'))),
    ...rows.map(line),
  ];
}

function shortened(text: string): string {
  const characters = [...text];
  return characters.length <= NAME_MAX ? text : `…${characters.slice(1 - NAME_MAX).join('')}`;
}
