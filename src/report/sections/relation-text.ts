/** Who wakes, blocks and starves whom; and the critical path. */
import type { Analysis } from '../../analyze/analysis.js';
import { formatCount, formatNs } from '../../base/text.js';
import { percent } from '../percent.js';
import type { Section } from '../section.js';
import { tableLines } from '../text-table.js';
import { extremeCell, left, nameCell, omittedLine, right, wrapped } from './cells.js';

const STEPS_SHOWN = 30;

export function wakeSections({ sections: { wakes } }: Analysis): Section[] {
  if (wakes === null || wakes.byFunction.length === 0) return [];
  const functions = wakes.byFunction.map(({ waker, wakee, latency }) => [
    nameCell(waker),
    nameCell(wakee),
    formatCount(latency.count),
    ...[latency.p50Ns, latency.p99Ns, latency.maxNs].map(formatNs),
  ]);
  const goroutines = wakes.byGoroutine.map(({ wakerGoid, wakeeGoid, waker, wakee, count, totalNs, maxNs }) => [
    `g${wakerGoid} ${nameCell(waker)}`,
    `g${wakeeGoid} ${nameCell(wakee)}`,
    formatCount(count),
    formatNs(totalNs / count),
    formatNs(maxNs),
  ]);
  const who = [left('who wakes'), left('whom'), right('count')];
  return [
    {
      title: 'Wake graph by start function, with the time from being woken to running',
      lines: [
        ...pairLines([...who, right('p50'), right('p99'), right('max')], functions),
        ...omittedLine(wakes.functionsOmitted, 'pairs'),
        ...(wakes.uncounted > 0 ? [`  ${formatCount(wakes.uncounted)} wake-ups of further pairs are not counted`] : []),
      ],
    },
    {
      title: 'Wake graph by goroutine',
      lines:
        goroutines.length === 0
          ? []
          : [
              ...pairLines([...who, right('avg'), right('max')], goroutines),
              ...omittedLine(wakes.goroutinesOmitted, 'pairs'),
            ],
    },
  ];
}

const NAME_WIDTH = 30;

/** Two columns of names: each gives way. */
function pairLines(
  columns: Parameters<typeof tableLines>[0]['columns'],
  rows: readonly (readonly string[])[],
): string[] {
  const short = (name: string) => (name.length > NAME_WIDTH ? `…${name.slice(1 - NAME_WIDTH)}` : name);
  return tableLines({
    columns,
    rows: rows.map(([waker = '', wakee = '', ...rest]) => [short(waker), short(wakee), ...rest]),
    flexible: 0,
  });
}

export function chainSections({ sections: { chains } }: Analysis): Section[] {
  if (chains === null) return [];
  return [
    {
      title: 'Blocking chains: who waited for whom, who waited for whom',
      lines: [
        ...chains.list.flatMap(({ links, count, totalNs, longest }) => [
          ...wrapped(
            `${formatNs(totalNs)} in ${formatCount(count)} ${count === 1 ? 'wait' : 'waits'}; the longest ${formatNs(longest.ns)}, ${extremeCell(longest)}`,
          ),
          ...links.flatMap(({ startFunction, reason }, at) =>
            wrapped(
              `${at === 0 ? '' : '← '}${nameCell(startFunction)}${reason === '' ? '' : ` (${reason})`}`,
              '      ',
            ),
          ),
        ]),
        ...omittedLine(chains.omitted, 'chains'),
        ...(chains.uncounted > 0 ? [`  ${formatCount(chains.uncounted)} waits of further chains are not counted`] : []),
      ],
    },
  ];
}

export function hogSections({ sections: { hogs } }: Analysis): Section[] {
  if (hogs === null) return [];
  return [
    {
      title: `Hogs: runs of more than ${formatNs(hogs.longerThanNs)} without yielding, and who waited meanwhile`,
      lines: [
        ...hogs.functions.flatMap(({ startFunction, count, totalNs, longest, othersRunnableNs, victims }) => [
          ...wrapped(nameCell(startFunction)),
          ...wrapped(
            `${formatCount(count)} runs, ${formatNs(totalNs)}; the longest ${formatNs(longest.ns)}, ${extremeCell(longest)}; ` +
              `others were ready for ${formatNs(othersRunnableNs)}`,
            '      ',
          ),
          ...victims.flatMap(({ startFunction: name, count: waiting, ns }) =>
            wrapped(`ready when it ended: ${nameCell(name)}, ${formatCount(waiting)} times, ${formatNs(ns)}`, '      '),
          ),
        ]),
        ...omittedLine(hogs.omitted, 'functions'),
      ],
    },
  ];
}

export function pathSections({ criticalPath }: Analysis): Section[] {
  if (criticalPath === null) return [];
  const { of, goroutines, totalNs, shares, omitted, path } = criticalPath;
  if (path === null) return [{ title: `Critical path of ${of}`, lines: ['  no such goroutine is in the trace'] }];
  const rows = shares.map(({ startFunction, state, reason, ns, share }) => [
    nameCell(startFunction),
    reason === '' ? state : `${state} (${reason})`,
    formatNs(ns),
    percent(share),
  ]);
  const steps = path.steps.slice(-STEPS_SHOWN);
  const before = path.stepsOmitted + path.steps.length - steps.length;
  return [
    {
      title: `Critical path of ${of}: ${formatCount(goroutines)} ${goroutines === 1 ? 'goroutine' : 'goroutines'}, ${formatNs(totalNs)}`,
      lines: [
        ...tableLines({
          columns: [left('start function'), left('state'), right('time'), right('share')],
          rows,
          flexible: 0,
        }),
        ...omittedLine(omitted, 'states'),
      ],
    },
    {
      title: `The path of g${path.goid}, up to ${formatNs(path.endNs)}`,
      lines: [
        ...(before > 0 ? [`  … ${formatCount(before)} steps before`] : []),
        ...steps.flatMap(({ goid, startFunction, state, reason, startNs, ns }) =>
          wrapped(
            `${formatNs(startNs).padStart(8)}  g${goid} ${nameCell(startFunction)} ${state}${reason === '' ? '' : ` (${reason})`} ${formatNs(ns)}`,
          ),
        ),
      ],
    },
  ];
}
