/** Tables of what goes wrong: leaks, hogs, chains, churn. */
import type { Analysis } from '../../../analyze/analysis.js';
import type { LeakSite } from '../../../analyze/findings.js';
import { count, functionName, time } from './format.js';
import { type Column, table } from './table.js';

const text = <Row>(title: string, of: (row: Row) => string): Column<Row> => ({ title, text: of, value: of });
const number = <Row>(title: string, of: (row: Row) => number, show: (value: number) => string): Column<Row> => ({
  title,
  text: (row) => show(of(row)),
  value: of,
});

export function leakTable({ leaks }: Analysis): HTMLElement {
  const where = ({ frames }: LeakSite) =>
    frames.map((frame) => `${frame.function} ${frame.file}:${frame.line}`).join(' ← ');
  return table<LeakSite>(
    [
      number('leaked', (site) => site.goroutines, count),
      number('created', (site) => site.created, count),
      text('start function', (site) => functionName(site.startFunction)),
      text('created by', (site) => site.createdBy),
      text('blocked for', (site) => site.reason),
      text('at', where),
      number('longest', (site) => site.longest.ns, time),
    ],
    leaks.sites,
    { label: 'goroutines that leak' },
  );
}

export function hogTable({ sections }: Analysis): HTMLElement {
  type Hog = NonNullable<Analysis['sections']['hogs']>['functions'][number];
  const victims = ({ victims: all }: Hog) =>
    all
      .map(({ startFunction, count: many, ns }) => `${functionName(startFunction)} ×${count(many)} ${time(ns)}`)
      .join(', ');
  return table<Hog>(
    [
      text('start function', (hog) => functionName(hog.startFunction)),
      number('long runs', (hog) => hog.count, count),
      number('total', (hog) => hog.totalNs, time),
      number('longest', (hog) => hog.longest.ns, time),
      number('others ready meanwhile', (hog) => hog.othersRunnableNs, time),
      text('who waited', victims),
    ],
    sections.hogs?.functions ?? [],
    { label: 'long runs without a change of state' },
  );
}

export function chainTable({ sections }: Analysis): HTMLElement {
  type Chain = NonNullable<Analysis['sections']['chains']>['list'][number];
  const links = (chain: Chain) =>
    chain.links
      .map(({ startFunction, reason }) => `${functionName(startFunction)}${reason === '' ? '' : ` (${reason})`}`)
      .join(' → ');
  return table<Chain>(
    [
      text('who waits for whom', links),
      number('count', (chain) => chain.count, count),
      number('total', (chain) => chain.totalNs, time),
      number('longest', (chain) => chain.longest.ns, time),
    ],
    sections.chains?.list ?? [],
    { label: 'chains of goroutines that wait for each other' },
  );
}

export function churnTable({ sections }: Analysis): HTMLElement {
  type Site = NonNullable<Analysis['sections']['churn']>['sites'][number];
  return table<Site>(
    [
      text('created by', (site) => site.createdBy || '(unknown)'),
      text('start function', (site) => functionName(site.startFunction)),
      number('created', (site) => site.created, count),
      number(
        'a second',
        (site) => site.perSecond,
        (value) => value.toFixed(1),
      ),
      number('exited', (site) => site.exited, count),
      number(
        'median life',
        (site) => site.lifetime?.p50Ns ?? -1,
        (ns) => (ns < 0 ? '–' : time(ns)),
      ),
      number(
        'p99',
        (site) => site.lifetime?.p99Ns ?? -1,
        (ns) => (ns < 0 ? '–' : time(ns)),
      ),
    ],
    sections.churn?.sites ?? [],
    { label: 'where goroutines are created' },
  );
}
