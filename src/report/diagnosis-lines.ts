import type { Analysis } from '../analyze/analysis.js';
import { printable } from '../base/text.js';
import type { Section } from './section.js';
import { LINE_WIDTH } from './text-table.js';
import { wrap } from './wrap.js';

/** The sentences, numbered, each with its certainty and where to look next. */
export function diagnosisSection({ diagnosis }: Analysis): Section {
  if (diagnosis.length === 0) return { title: 'Diagnosis', lines: ['  nothing stands out'] };
  return {
    title: 'Diagnosis',
    lines: diagnosis.flatMap(({ severity, sentence, certainty, section }, at) => [
      ...hanging(`  ${at + 1}. `, severity === 'problem' ? sentence : `(notice) ${sentence}`),
      ...hanging('     ', `[--section ${section}; ${certainty}]`),
    ]),
  };
}

function hanging(head: string, text: string): string[] {
  const lines = wrap(printable(text), LINE_WIDTH - head.length);
  return lines.map((line, at) => (at === 0 ? head : ' '.repeat(head.length)) + line);
}
