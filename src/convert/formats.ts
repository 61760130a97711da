/** Every format that `gotape convert` writes. */
import { chromeFormat } from './chrome-format.js';
import type { ConvertFormat } from './format.js';

export const FORMATS: readonly ConvertFormat[] = [chromeFormat];
