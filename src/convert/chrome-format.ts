import { ChromeJson } from './chrome-json.js';
import { type ChromeLayout, planChrome } from './chrome-plan.js';
import type { ConvertFormat } from './format.js';

const LAYOUTS: Readonly<Record<string, ChromeLayout>> = { program: 'by program', function: 'by function' };

export const chromeFormat: ConvertFormat = {
  name: 'chrome',
  title: 'Chrome trace-event JSON',
  opens: 'https://ui.perfetto.dev, https://speedscope.app, chrome://tracing',
  extension: '.json.gz',
  options: ['splitBytes'],
  layouts: Object.keys(LAYOUTS),
  tracks: ['goroutines', 'threads', 'counters', 'flows'],
  async open({ source, goroutines, output, options }) {
    const plan = await planChrome(source, LAYOUTS[options.layout ?? '']);
    const { facts, reasons } = source;
    return ChromeJson.create({ facts, reasons, goroutines, plan, output, options });
  },
};
