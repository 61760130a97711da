/** Flame graphs, roots on top. A click shows a frame over the whole width; Escape or the button goes back. */
import type { StackFrame } from '../../../analyze/sections.js';
import { chart, tooltip } from './chart.js';
import { element, visible } from './dom.js';
import { functionName, percent, time } from './format.js';

export interface WeightedStack {
  /** The innermost first. */
  readonly frames: readonly StackFrame[];
  /** Names what the innermost frame does: a wait reason. */
  readonly leaf: string;
  readonly ns: number;
}

interface Node {
  readonly name: string;
  readonly place: string;
  readonly depth: number;
  readonly parent: Node | undefined;
  readonly children: Map<string, Node>;
  ns: number;
  startNs: number;
}

const ROW = 20;
const DEPTH_MAX = 40;

export function flameGraph(label: string, stacks: readonly WeightedStack[], color: string): HTMLElement {
  const root = treeOf(stacks);
  const all = flatten(root);
  const depth = Math.min(DEPTH_MAX, Math.max(...all.map((node) => node.depth)) + 1);
  let focus = root;
  const back = element('button', { type: 'button', class: 'more', hidden: '' }, 'show all');
  const handle = chart(label, depth * ROW + 8, (colors) => ({
    grid: { left: 0, right: 0, top: 4, bottom: 4 },
    tooltip: {
      ...tooltip(colors),
      formatter: (found: unknown) => describe(all[(found as { dataIndex: number }).dataIndex]!, root),
    },
    xAxis: { show: false, min: focus.startNs, max: focus.startNs + Math.max(1, focus.ns) },
    yAxis: { show: false, min: 0, max: depth, inverse: true },
    series: [
      {
        type: 'custom',
        clip: true,
        data: all.map((node) => [node.startNs, node.startNs + node.ns, node.depth]),
        encode: { x: [0, 1], y: 2 },
        renderItem: (_params: unknown, api: unknown) =>
          frameShape(api as RenderApi, all, focus, colors.ground, color) as never,
      },
    ],
  }));
  const show = (node: Node) => {
    focus = node;
    back.hidden = node === root;
    handle.redraw();
  };
  handle.onReady((drawn) => {
    drawn.on('click', ({ dataIndex }) => show(all[dataIndex as number] ?? root));
  });
  back.addEventListener('click', () => show(root));
  const holder = element('div', { tabindex: '-1' }, handle.root, back);
  holder.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') show(root);
  });
  return holder;
}

function treeOf(stacks: readonly WeightedStack[]): Node {
  const root: Node = { name: 'all', place: '', depth: 0, parent: undefined, children: new Map(), ns: 0, startNs: 0 };
  for (const { frames, leaf, ns } of stacks) {
    root.ns += ns;
    let node = root;
    for (const frame of frames.toReversed())
      node = child(node, functionName(frame.function), `${frame.file}:${frame.line}`, ns);
    if (leaf !== '') child(node, leaf, '', ns);
  }
  place(root);
  return root;
}

function child(parent: Node, name: string, at: string, ns: number): Node {
  let node = parent.children.get(name);
  if (node === undefined) {
    node = { name, place: at, depth: parent.depth + 1, parent, children: new Map(), ns: 0, startNs: 0 };
    parent.children.set(name, node);
  }
  node.ns += ns;
  return node;
}

function place(node: Node): void {
  let at = node.startNs;
  for (const below of [...node.children.values()].sort((a, b) => b.ns - a.ns)) {
    below.startNs = at;
    at += below.ns;
    place(below);
  }
}

/** Without what is too deep to be read. */
function flatten(root: Node): Node[] {
  const all = [root];
  for (const node of all) if (node.depth + 1 < DEPTH_MAX) all.push(...node.children.values());
  return all;
}

function describe(node: Node, root: Node): string {
  const at = node.place === '' ? '' : `\n${visible(node.place)}`;
  return `${visible(node.name)}${at}\n${time(node.ns)}, ${percent(node.ns / Math.max(1, root.ns))}`;
}

interface RenderApi {
  value(dimension: number): number;
  coord(point: readonly [number, number]): [number, number];
  currentDataIndex?: number;
}

function frameShape(
  api: RenderApi,
  all: readonly Node[],
  focus: Node,
  ground: string,
  color: string,
): object | undefined {
  const [from, to, depth] = [api.value(0), api.value(1), api.value(2)];
  const end = focus.startNs + focus.ns;
  if (to <= focus.startNs || from >= end) return undefined;
  const [x, y] = api.coord([Math.max(from, focus.startNs), depth]);
  const [right] = api.coord([Math.min(to, end), depth]);
  const width = right - x;
  if (width < 0.5) return undefined;
  const node = all.find((one) => one.depth === depth && one.startNs === from && one.startNs + one.ns === to);
  const name = width > 28 && node !== undefined ? visible(node.name) : '';
  return {
    type: 'rect',
    shape: { x, y, width: Math.max(0.5, width - 1), height: ROW - 1 },
    style: {
      fill: depth === 0 ? '#5f6770' : color,
      opacity: depth % 2 === 0 ? 1 : 0.88,
      stroke: ground,
      lineWidth: 0.5,
    },
    textContent: {
      style: { text: name, fill: '#fff', fontSize: 11, width: width - 8, overflow: 'truncate', ellipsis: '…' },
    },
    textConfig: { position: 'insideLeft' },
  };
}
