/** The top of the page: what was recorded, what the diagnosis says, where the time went. */
import type { Analysis } from '../../../analyze/analysis.js';
import type { Finding } from '../../../analyze/findings.js';
import type { ReportData } from '../report-data.js';
import { element, visible } from './dom.js';
import { clock, count, percent, time } from './format.js';
import { STATES } from './states.js';

export function heading({ analysis, file, producer }: ReportData): HTMLElement {
  const { trace, durationNs, transitions, goroutines, coverage, losses } = analysis;
  const targets = trace.targets.map(({ executable, goVersion }) => `${executable} (${goVersion})`).join(', ');
  const lost = losses.lostEvents > 0 || losses.damage.length > 0;
  const facts = [
    `${time(durationNs)}, ${count(transitions)} transitions`,
    `${count(goroutines.total)} goroutines, ${count(goroutines.aliveAtEnd)} alive at the end`,
    `${percent(coverage.share)} of their time known`,
    lost
      ? `${count(losses.lostEvents)} events lost${losses.damage.length > 0 ? ', file damaged' : ''}`
      : 'nothing lost',
    `${trace.hostname}, ${clock(trace.startRealtimeNs)}`,
  ];
  return element(
    'header',
    {},
    element('p', { class: 'brand' }, visible(producer)),
    element('h1', {}, visible(targets || file)),
    element('ul', { class: 'facts' }, ...facts.map((fact) => element('li', {}, visible(fact)))),
    ...losses.damage.slice(0, 5).map((sentence) => element('p', { class: 'damage' }, visible(sentence))),
  );
}

export function diagnosis({ diagnosis: findings }: Analysis): HTMLElement {
  if (findings.length === 0) return element('p', {}, 'Nothing stands out.');
  return element('ol', { class: 'findings' }, ...findings.map(findingItem));
}

function findingItem({ severity, sentence, certainty, section }: Finding): HTMLElement {
  const mark = severity === 'problem' ? 'Problem' : 'Notice';
  const target = document.getElementById(section) === null ? [] : [' ', element('a', { href: `#${section}` }, 'show')];
  return element(
    'li',
    { class: severity },
    element('strong', {}, `${mark}: `),
    visible(sentence),
    ...(certainty === '' ? [] : [' ', element('span', { class: 'note' }, visible(certainty))]),
    ...target,
  );
}

/** One bar of all goroutine time, and its figures. */
export function timeByState({ totals }: Analysis): HTMLElement {
  const ns = [
    totals.executionNs,
    totals.schedWaitNs,
    totals.blockNs,
    totals.syscallNs,
    totals.unseenNs,
    totals.unknownNs,
    totals.preemptedNs,
  ];
  const shown = STATES.map((state, kind) => ({ ...state, ns: ns[kind] ?? 0 })).filter((state) => state.ns > 0);
  const pieces = shown.map(({ name, color, ns: part }) => {
    const piece = element('span', { title: `${name} ${time(part)}` });
    piece.style.width = `${(part / totals.totalNs) * 100}%`;
    piece.style.background = color;
    return piece;
  });
  const figures = shown.map(({ name, color, ns: part }) => {
    const swatch = element('span', { class: 'swatch' });
    swatch.style.background = color;
    return element(
      'li',
      {},
      swatch,
      element('span', { class: 'name' }, name),
      element('span', { class: 'figure', 'data-state': name }, time(part)),
      element('span', { class: 'note' }, percent(part / totals.totalNs)),
    );
  });
  return element(
    'div',
    {},
    element('div', { class: 'bar', 'aria-hidden': 'true' }, ...pieces),
    element('ul', { class: 'tiles' }, ...figures),
  );
}
