/** Who wakes whom, by start function. */
import type { WakeSection } from '../../../analyze/sections.js';
import { chart, tooltip } from './chart.js';
import { element, visible } from './dom.js';
import { count, functionName, time } from './format.js';
import { BLOCK } from './states.js';
import { table } from './table.js';

const EDGES_SHOWN = 40;

export function wakeGraph({ byFunction }: WakeSection): HTMLElement {
  const edges = byFunction.slice(0, EDGES_SHOWN);
  const wakeUps = new Map<string, number>();
  for (const { waker, wakee, latency } of edges) {
    for (const name of new Set([waker, wakee])) wakeUps.set(name, (wakeUps.get(name) ?? 0) + latency.count);
  }
  const most = Math.max(1, ...edges.map(({ latency }) => latency.count));
  const handle = chart('Wake-ups between start functions', 420, (colors) => ({
    tooltip: { ...tooltip(colors), formatter: (found: unknown) => describe(found as Found) },
    series: [
      {
        type: 'graph',
        layout: 'circular',
        circular: { rotateLabel: false },
        roam: true,
        top: 40,
        bottom: 40,
        left: '18%',
        right: '18%',
        edgeSymbol: ['none', 'arrow'],
        edgeSymbolSize: 8,
        label: { show: true, color: colors.text, fontSize: 11, position: 'right', width: 160, overflow: 'truncate' },
        lineStyle: { curveness: 0.2, color: colors.faint },
        data: [...wakeUps].map(([name, many]) => ({
          id: name,
          name: visible(functionName(name)),
          value: many,
          symbolSize: 8 + 22 * Math.sqrt(many / (most * 2)),
          itemStyle: { color: name.startsWith('(') ? colors.faint : BLOCK.color },
        })),
        links: edges.map(({ waker, wakee, latency }) => ({
          source: waker,
          target: wakee,
          value: latency.count,
          lineStyle: { width: 1 + 6 * Math.sqrt(latency.count / most) },
        })),
      },
    ],
  }));
  return element('div', {}, handle.root, edgeTable(byFunction));
}

interface Found {
  readonly dataType: 'node' | 'edge';
  readonly name: string;
  readonly value: number;
  readonly data: { readonly source?: string; readonly target?: string };
}

function describe({ dataType, name, value, data }: Found): string {
  if (dataType === 'node') return `${name}\n${count(value)} wake-ups`;
  return visible(`${functionName(data.source ?? '')} wakes ${functionName(data.target ?? '')}: ${count(value)} times`);
}

function edgeTable(edges: WakeSection['byFunction']): HTMLElement {
  type Edge = WakeSection['byFunction'][number];
  return table<Edge>(
    [
      { title: 'waker', text: ({ waker }) => functionName(waker), value: ({ waker }) => waker },
      { title: 'wakes', text: ({ wakee }) => functionName(wakee), value: ({ wakee }) => wakee },
      { title: 'count', text: ({ latency }) => count(latency.count), value: ({ latency }) => latency.count },
      { title: 'p50 until it runs', text: ({ latency }) => time(latency.p50Ns), value: ({ latency }) => latency.p50Ns },
      { title: 'p99', text: ({ latency }) => time(latency.p99Ns), value: ({ latency }) => latency.p99Ns },
      { title: 'max', text: ({ latency }) => time(latency.maxNs), value: ({ latency }) => latency.maxNs },
    ],
    edges,
    { label: 'wake-ups between start functions' },
  );
}
