/** Charts: one place that knows the library, the theme and when to draw again. */

import type { EChartsOption } from 'echarts';
import { BarChart, CustomChart, GraphChart, HeatmapChart, LineChart } from 'echarts/charts';
import {
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components';
import { type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { element } from './dom.js';

use([LineChart, BarChart, HeatmapChart, CustomChart, GraphChart]);
use([GridComponent, TooltipComponent, LegendComponent, DataZoomComponent, VisualMapComponent, AriaComponent]);
use([CanvasRenderer]);

export interface Colors {
  readonly text: string;
  readonly faint: string;
  readonly line: string;
  readonly ground: string;
  readonly isDark: boolean;
}

export type Option = EChartsOption;

const redraws: (() => void)[] = [];

/** Colours of the theme that is on. */
export function colors(): Colors {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: of('--text'),
    faint: of('--faint'),
    line: of('--line'),
    ground: of('--panel'),
    isDark: of('--scheme') === 'dark',
  };
}

/** After the theme has changed. */
export function redrawCharts(): void {
  for (const redraw of redraws) redraw();
}

export interface ChartHandle {
  readonly root: HTMLElement;
  /** Calls back with the chart once it is there, and again whenever it was made anew. */
  onReady(use: (chart: EChartsType) => void): void;
  redraw(): void;
}

/**
 * A chart of the given height; drawn when it is in the document.
 * @param label what it shows, for those who do not see it
 * @param option made anew for each theme
 */
export function chart(label: string, height: number, option: (colors: Colors) => Option): ChartHandle {
  const root = element('div', { class: 'chart', role: 'img', 'aria-label': label });
  root.style.height = `${height}px`;
  const users: ((chart: EChartsType) => void)[] = [];
  let drawn: EChartsType | undefined;
  const redraw = () => {
    if (!root.isConnected || root.clientWidth === 0) return;
    const zoom = drawn?.getOption()['dataZoom'];
    drawn?.dispose();
    drawn = init(root, undefined, { renderer: 'canvas', devicePixelRatio: Math.max(2, devicePixelRatio) });
    const palette = colors();
    drawn.setOption({ ...common(palette), ...option(palette) });
    if (zoom !== undefined) drawn.setOption({ dataZoom: zoom } as Option);
    for (const user of users) user(drawn);
  };
  redraws.push(redraw);
  new ResizeObserver(() => {
    if (drawn === undefined) redraw();
    else drawn.resize();
  }).observe(root);
  return {
    root,
    redraw,
    onReady(user) {
      users.push(user);
      if (drawn !== undefined) user(drawn);
    },
  };
}

function common({ text, line }: Colors): Option {
  return {
    animation: false,
    textStyle: { color: text, fontFamily: 'inherit' },
    aria: { enabled: true },
    axisPointer: { lineStyle: { color: line } },
  };
}

/** The look of an axis. */
export function axis({ text, faint, line }: Colors): object {
  return {
    axisLine: { lineStyle: { color: line } },
    axisLabel: { color: text, hideOverlap: true },
    nameTextStyle: { color: faint },
    splitLine: { lineStyle: { color: line, opacity: 0.6 } },
    axisTick: { lineStyle: { color: line } },
  };
}

/** A tooltip whose text is text: the library would take markup in names for markup. */
export function tooltip({ text, ground, line }: Colors): object {
  return {
    renderMode: 'richText',
    confine: true,
    backgroundColor: ground,
    borderColor: line,
    textStyle: { color: text, fontSize: 12 },
  };
}
