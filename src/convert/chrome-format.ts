import { ChromeJson } from './chrome-json.js';
import { planChrome } from './chrome-plan.js';
import type { ConvertFormat } from './format.js';

export const chromeFormat: ConvertFormat = {
  name: 'chrome',
  title: 'Chrome trace-event JSON',
  opens: 'https://ui.perfetto.dev, chrome://tracing',
  extension: '.json.gz',
  async open({ source, goroutines, output }) {
    const { facts, reasons } = source;
    const plan = await planChrome(source);
    return new ChromeJson({ facts, reasons, goroutines, plan, sink: await output.create() });
  },
};
