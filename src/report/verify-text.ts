/** The text of `gotape verify`: a line for each problem, then one that tells what was looked at. */
import { formatBytes, formatCount, printable } from '../base/text.js';

/** What is shown of one file; `cli/verify.ts` makes it. */
export interface VerifyFacts {
  readonly file: string;
  readonly problems: readonly {
    readonly kind: string;
    readonly entry: string;
    readonly row?: number;
    readonly found: string;
    readonly expected: string;
  }[];
  /** How many there are of each kind, those that are not shown included. */
  readonly problemCounts: Readonly<Record<string, number>>;
  /** Undefined when it is no trace. */
  readonly counts:
    | {
        readonly entries: number;
        readonly bytes: number;
        readonly segments: number;
        readonly transitions: number;
        readonly goroutines: number;
        readonly undefined: number;
        readonly anonymous: number;
        readonly illegal: number;
        readonly gaps: number;
        readonly lost: number;
        readonly lostDetails: number;
        readonly excused: number;
        readonly stacks: number;
        readonly calls: number;
        readonly osChanges: number;
        readonly untold: number;
      }
    | undefined;
  readonly repaired: readonly string[];
}

export function describeVerification(facts: VerifyFacts): string {
  const file = printable(facts.file);
  const lines = Object.keys(facts.problemCounts).flatMap((kind) => problemLines(facts, kind));
  const total = Object.values(facts.problemCounts).reduce((sum, count) => sum + count, 0);
  const verdict = total === 0 ? 'sound' : `NOT SOUND, ${formatCount(total)} ${total === 1 ? 'problem' : 'problems'}`;
  const checked = facts.counts === undefined ? '' : `; ${countsText(facts.counts)}`;
  const repaired = facts.repaired.map((sentence) => `repaired: ${printable(sentence)}`);
  return `${[...lines, `${verdict}${checked}`, ...repaired].map((line) => `${file}: ${line}`).join('\n')}\n`;
}

function problemLines({ problems, problemCounts }: VerifyFacts, kind: string): string[] {
  const shown = problems.filter((problem) => problem.kind === kind);
  const more = (problemCounts[kind] ?? 0) - shown.length;
  return [
    ...shown.map(({ entry, row, found, expected }) => {
      const place = `${printable(entry) || 'the file'}${row === undefined ? '' : `, row ${row}`}`;
      return `${place}: found ${printable(found)}; expected ${printable(expected)}`;
    }),
    ...(more > 0 ? [`… and ${formatCount(more)} more problems of this kind (${kind})`] : []),
  ];
}

function countsText(counts: NonNullable<VerifyFacts['counts']>): string {
  const aside = [
    ...(counts.lost > 0
      ? [`${formatCount(counts.lost)} events lost, all in ${formatCount(counts.gaps)} gaps`]
      : [counts.lostDetails > 0 ? 'no change of state lost' : 'nothing lost']),
    ...(counts.lostDetails > 0 ? [`${formatCount(counts.lostDetails)} events lost of what was recorded besides`] : []),
    ...(counts.excused > 0 ? [`${formatCount(counts.excused)} unseen changes of state, all across gaps`] : []),
    ...(counts.anonymous > 0 ? [`${formatCount(counts.anonymous)} rows of goroutines without an id`] : []),
    ...(counts.undefined > 0 ? [`${formatCount(counts.undefined)} goroutines that no table defines`] : []),
    ...(counts.untold > 0 ? [`${formatCount(counts.untold)} stacks or frames that no table tells`] : []),
    ...(counts.illegal > 0 ? [`${formatCount(counts.illegal)} changes of state that no known Go release makes`] : []),
  ];
  const details = [
    ...(counts.stacks > 0 ? [`, ${formatCount(counts.stacks)} stacks`] : []),
    ...(counts.calls > 0 ? [`, ${formatCount(counts.calls)} calls`] : []),
    ...(counts.osChanges > 0 ? [`, ${formatCount(counts.osChanges)} changes of OS threads`] : []),
  ].join('');
  const holds = `${formatCount(counts.transitions)} transitions of ${formatCount(counts.goroutines)} goroutines in ${formatCount(counts.segments)} segments`;
  return `${formatCount(counts.entries)} entries, ${formatBytes(counts.bytes)}, ${holds}${details}; ${aside.join('; ')}`;
}
