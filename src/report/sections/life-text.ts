/** Leaks, churn, and recorded calls. */
import type { Analysis } from '../../analyze/analysis.js';
import { formatCount, formatNs } from '../../base/text.js';
import { percent } from '../percent.js';
import type { Section } from '../section.js';
import { tableLines } from '../text-table.js';
import { frameLines } from './block-text.js';
import { left, nameCell, omittedLine, right, STATS_COLUMNS, statsCells, wrapped } from './cells.js';

export function leakSections({ leaks }: Analysis): Section[] {
  return [
    {
      title: `Leaks: goroutines that block for the rest of the trace, ever more of them: ${formatCount(leaks.leaked)}`,
      lines: [
        ...leaks.sites.flatMap((site) => [
          ...wrapped(
            `${formatCount(site.goroutines)} of ${nameCell(site.startFunction)}, ${nameCell(site.reason)}; created by ${nameCell(site.createdBy)}`,
          ),
          ...wrapped(
            `of ${formatCount(site.created)} created, ${formatCount(site.exited)} exited; blocked since ${formatNs(site.longest.startNs)} at the ` +
              `earliest: ${site.examples.map(({ goid }) => `g${goid}`).join(', ')}`,
            '      ',
          ),
          ...frameLines(site.frames),
        ]),
        ...omittedLine(leaks.omitted, 'sites'),
      ],
    },
  ];
}

export function churnSections({ sections: { churn } }: Analysis): Section[] {
  if (churn === null || churn.sites.length === 0) return [];
  return [
    {
      title: 'Churn: where goroutines are created, how often, and how long they live',
      lines: [
        ...churn.sites.flatMap(({ createdBy, startFunction, created, perSecond, exited, lifetime }) => [
          ...wrapped(`${nameCell(startFunction)}, created by ${nameCell(createdBy)}`),
          ...wrapped(
            `${formatCount(created)} created (${formatCount(perSecond)}/s), ${formatCount(exited)} exited` +
              (lifetime === null
                ? ''
                : `; lived ${formatNs(lifetime.p50Ns)} (p50), ${formatNs(lifetime.p95Ns)} (p95), ${formatNs(lifetime.p99Ns)} (p99), ${formatNs(lifetime.maxNs)} at most`),
            '      ',
          ),
        ]),
        ...omittedLine(churn.omitted, 'sites'),
      ],
    },
  ];
}

export function callSections({ sections: { calls } }: Analysis): Section[] {
  if (calls === null) return [];
  return [
    {
      title: 'Recorded calls by function',
      lines: [
        ...tableLines({
          columns: [left('function'), ...STATS_COLUMNS],
          rows: calls.functions.map((of) => [
            nameCell(of.function),
            ...(of.latency === null ? [] : statsCells(of.latency)),
          ]),
          flexible: 0,
        }),
        ...omittedLine(calls.omitted, 'functions'),
      ],
    },
    {
      title: 'Recorded calls: what their goroutines did meanwhile',
      lines: [
        ...tableLines({
          columns: [
            left('function'),
            ...['executing', 'sched wait', 'blocked', 'syscall', 'other', 'calls'].map(right),
          ],
          rows: calls.functions.map(withinRow),
          flexible: 0,
        }),
        ...calls.functions.flatMap((of) => outcomeLines(of)),
      ],
    },
  ];
}

type Calls = NonNullable<Analysis['sections']['calls']>['functions'][number];

function withinRow({ function: name, within }: Calls): string[] {
  const { calls, executionNs, schedWaitNs, blockNs, syscallNs, preemptedNs, otherNs } = within;
  const all = executionNs + schedWaitNs + blockNs + syscallNs + preemptedNs + otherNs;
  const share = (ns: number) => (all > 0 ? percent(ns / all) : '');
  return [
    nameCell(name),
    ...[executionNs, schedWaitNs, blockNs, syscallNs, preemptedNs + otherNs].map(share),
    formatCount(calls),
  ];
}

function outcomeLines({ function: name, unwound, unfinished, unknown, longest }: Calls): string[] {
  const counts: readonly (readonly [number, string])[] = [
    [unwound, 'unwound by a panic'],
    [unfinished, 'not ended'],
    [unknown, 'of unknown end'],
  ];
  const odd = counts.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`);
  const slow =
    longest === null
      ? []
      : [
          `the longest: g${longest.goid} at ${formatNs(longest.startNs)}${longest.arguments === '' ? '' : `, ${longest.arguments}`}`,
        ];
  const facts = [...odd, ...slow];
  return facts.length === 0 ? [] : wrapped(`${nameCell(name)}: ${facts.join('; ')}`);
}
