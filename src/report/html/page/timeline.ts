/** What chosen goroutines did, side by side. The wheel and the slider zoom. */
import type { Timeline, TimelineRow } from '../../../analyze/picture/picture.js';
import { axis, chart, tooltip } from './chart.js';
import { element, note, visible } from './dom.js';
import { functionName, time } from './format.js';
import { STATES } from './states.js';

const ROW = 20;

interface RenderApi {
  value(dimension: number): number;
  coord(point: readonly [number, number]): [number, number];
}

export function timeline({ startNs, endNs, cellNs, rows }: Timeline): HTMLElement {
  const items = rows.flatMap(({ pieces }, row) =>
    pieces.map(([from, to, kind, reason]) => [row, from, to, kind, reason]),
  );
  const inexact = rows.filter(({ exact }) => !exact).length;
  const handle = chart('Time line of goroutines', rows.length * ROW + 84, (colors) => ({
    grid: { left: 200, right: 16, top: 8, bottom: 72 },
    tooltip: {
      ...tooltip(colors),
      formatter: (found: unknown) => describe(rows, (found as { value: readonly number[] }).value),
    },
    dataZoom: [
      { type: 'inside', xAxisIndex: 0, filterMode: 'weakFilter' },
      { type: 'slider', xAxisIndex: 0, filterMode: 'weakFilter', height: 18, bottom: 8 },
    ],
    xAxis: {
      type: 'value',
      min: startNs,
      max: endNs,
      ...axis(colors),
      axisLabel: { color: colors.text, hideOverlap: true, formatter: (ns: number) => time(ns) },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: rows.map(({ goid, startFunction }) => `${visible(functionName(startFunction))} ${goid}`),
      ...axis(colors),
      axisLabel: { color: colors.text, width: 186, overflow: 'truncate', interval: 0, fontSize: 11 },
    },
    series: [
      {
        type: 'custom',
        clip: true,
        data: items,
        encode: { x: [1, 2], y: 0 },
        renderItem: (_params: unknown, api: unknown) => shape(api as RenderApi) as never,
      },
    ],
  }));
  const legend = element(
    'p',
    { class: 'legend' },
    ...STATES.map(({ name, color }) => {
      const swatch = element('span', { class: 'swatch' });
      swatch.style.background = color;
      return element('span', {}, swatch, name);
    }),
  );
  const coarse =
    inexact === 0
      ? []
      : [
          note(
            `${inexact} of these goroutines changed too often to draw each change: there, each ${time(cellNs)} shows the state that took most of it.`,
          ),
        ];
  return element('div', {}, legend, handle.root, ...coarse);
}

/** States differ in height as well as in colour. */
const HEIGHTS = [1, 0.66, 0.22, 0.5, 0.4, 0.1, 0.3];

function shape(api: RenderApi): object | undefined {
  const kind = api.value(3);
  const [x, y] = api.coord([api.value(1), api.value(0)]);
  const [right] = api.coord([api.value(2), api.value(0)]);
  const height = (ROW - 4) * (HEIGHTS[kind] ?? 0.5);
  return {
    type: 'rect',
    shape: { x, y: y + (ROW - 4) / 2 - height, width: Math.max(0.5, right - x), height },
    style: { fill: STATES[kind]?.color ?? '#999' },
  };
}

function describe(rows: readonly TimelineRow[], [at, from, to, kind, reason]: readonly number[]): string {
  const row = rows[at!]!;
  const why = reason! >= 0 ? `: ${row.reasons[reason!] ?? ''}` : '';
  return visible(
    `${functionName(row.startFunction)} ${row.goid}\u0000${STATES[kind!]!.name}${why}\u0000${time(to! - from!)} from ${time(from!)} on`,
  ).replaceAll('\ufffd', '\n');
}
