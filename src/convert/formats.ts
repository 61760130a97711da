/** Every format that `gotape convert` writes. */
import { chromeFormat } from './chrome-format.js';
import type { ConvertFormat } from './format.js';
import { gotraceFormat } from './gotrace/gotrace-format.js';

export const FORMATS: readonly ConvertFormat[] = [chromeFormat, gotraceFormat];
