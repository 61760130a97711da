/** Every format that `gotape convert` writes. */
import { chromeFormat } from './chrome-format.js';
import { foldedFormat } from './folded.js';
import type { ConvertFormat } from './format.js';
import { gotraceFormat } from './gotrace/gotrace-format.js';
import { perfettoFormat } from './perfetto/perfetto-format.js';
import { pprofFormat } from './pprof/pprof-format.js';
import { speedscopeFormat } from './speedscope.js';
import { TABLE_FORMATS } from './tables/table-formats.js';

export const FORMATS: readonly ConvertFormat[] = [
  chromeFormat,
  perfettoFormat,
  gotraceFormat,
  pprofFormat,
  foldedFormat,
  speedscopeFormat,
  ...TABLE_FORMATS,
];
