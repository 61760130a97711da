/** Recordings as rows of Markdown tables: what was seen, and where something cannot be seen, why. */
import { faultsOf, type Seen } from './measure-run.js';
import { type Check, describeCheck, isKept } from './script-truth.js';

/** A recording, or why there is none. */
export type Outcome = Seen | { readonly name: string; readonly build: string; readonly failure: string };

type Column = readonly [title: string, cell: (seen: Seen) => string];

const COLUMNS: readonly Column[] = [
  ['probes', probesCell],
  ['recorded + folded + filtered + lost − paired = hits (the kernel counts)', hitsCell],
  ['chain breaks', ({ breaks, oddities }) => [count(breaks.length), ...oddities].join('; ')],
  ['goroutines: id, function, parent as told', ({ goroutines }) => checkCell(goroutines)],
  ['start functions named', namedCell],
  ['stacks rooted', stacksCell],
  ['labels', labelsCell],
  ['calls', ({ calls }) => checkCell(calls)],
  ['deeds', ({ deeds }) => deedsCell(deeds)],
];

export function compatibilityTable(outcomes: readonly Outcome[]): string {
  const columns = COLUMNS.filter(([title]) => title !== 'deeds' || outcomes.some((one) => 'deeds' in one));
  const head = ['program', 'build', 'its Go', ...columns.map(([title]) => title)];
  const rows = outcomes.map((one) => [one.name, one.build, ...cells(one, columns)]);
  const line = (texts: readonly string[]) => `| ${texts.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** `Go 1.26.8, stripped: 3 gaps`, of what must not be. */
export function faultLines(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap((one) =>
    ('failure' in one ? [one.failure] : faultsOf(one)).map((fault) => `${one.name}, ${one.build}: ${fault}`),
  );
}

function cells(one: Outcome, columns: readonly Column[]): string[] {
  if ('failure' in one)
    return ['', `not recorded: ${one.failure.replaceAll(/\s*[\n|]\s*/g, ' ')}`, ...columns.slice(1).map(() => '')];
  return [one.goVersion.replace(/^go/, ''), ...columns.map(([, cell]) => cell(one))];
}

/** `9; not reentersyscall, exitsyscall (not needed before Go 1.26: …)`. */
function probesCell({ probes, missingProbes }: Seen): string {
  const namesByReason = new Map<string, string[]>();
  for (const text of missingProbes) {
    const [, name = '', why = ''] = /^\S*\.(\w+): (?:not in this binary: )?(.*)$/.exec(text) ?? [];
    namesByReason.set(why, [...(namesByReason.get(why) ?? []), name]);
  }
  return [count(probes), ...[...namesByReason].map(([why, names]) => `not ${names.join(', ')} (${why})`)].join('; ');
}

function hitsCell({ losses, transitions, kernelHits }: Seen): string {
  const { folded, filtered, dropped, faulted, paired, hits } = losses;
  const sum = [transitions, folded, filtered, dropped + faulted].map(count).join(' + ');
  return `${sum}${paired > 0 ? ` − ${count(paired)}` : ''} = ${count(hits)} (${count(kernelHits)})`;
}

function namedCell({ named, lifetimes, foreign, anonymous }: Seen): string {
  const ofC = foreign > 0 ? `; ${count(foreign)} without: of threads of C` : '';
  const unborn = anonymous > 0 ? `; ${count(anonymous)} did not run before the end: without an id up to Go 1.23` : '';
  return ratio(named, lifetimes) + ofC + unborn;
}

function stacksCell({ stacks }: Seen): string {
  const { wanted, present, rooted, tooDeep, cutAt, absentOf } = stacks;
  const deep = tooDeep > 0 ? `; ${count(tooDeep)} cut at 64 frames` : '';
  const others = count(present - rooted - tooDeep);
  const cut = cutAt.length > 0 ? `; ${others} cut at ${cutAt.map((name) => `\`${name}\``).join(', ')}` : '';
  const absent =
    wanted > present
      ? `; ${count(wanted - present)} without one: ${absentOf.map((name) => `\`${name}\``).join(', ')}`
      : '';
  return `${((rooted / wanted) * 100).toFixed(rooted === wanted ? 0 : 2)} % of ${count(wanted)}${deep}${cut}${absent}`;
}

function labelsCell({ labels, missingProbes }: Seen): string {
  const why = missingProbes.find((text) => text.includes('setProfLabel'));
  return why === undefined ? checkCell(labels) : why.replace(/^.*: /, '');
}

function checkCell(check: Check | undefined): string {
  if (check === undefined) return 'the program does not tell';
  return check.impossible === undefined ? ratio(check.recorded, check.told) : `cannot be told: ${check.impossible}`;
}

function deedsCell(deeds: readonly Check[] | undefined): string {
  if (deeds === undefined) return '';
  const possible = deeds.filter(({ impossible }) => impossible === undefined);
  const kept = possible.filter(isKept);
  const others = deeds.filter((deed) => !kept.includes(deed));
  const texts = others.map((deed) => (deed.impossible ? `${deed.what}: ${deed.impossible}` : describeCheck(deed)));
  return [ratio(kept.length, possible.length), ...texts].join('; ');
}

function ratio(seen: number, all: number): string {
  return seen === all ? `all ${count(all)}` : `**${count(seen)} of ${count(all)}**`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
