import type { Span } from '../../model/span.js';
import type { TraceSegment } from '../../model/trace-segment.js';
import type { TraceWindow } from '../../model/trace-window.js';
import type { Expected, PerfettoAudit } from './audit.js';
import type { Calls } from './calls.js';
import type { Place } from './descriptors.js';
import type { GoroutineLabels } from './goroutine-labels.js';
import type { Lives } from './lives.js';
import type { Losses } from './losses.js';
import type { OsThreads } from './os-threads.js';
import type { Packets } from './packets.js';
import type { Places } from './places.js';
import type { Programs } from './programs.js';
import type { SliceNames } from './slice-names.js';
import type { StackTexts } from './stack-texts.js';
import type { Uuids } from './uuids.js';

/** How goroutines become tracks. */
export interface Layout {
  readonly expected: Expected;
  readonly placeOfLosses: Place;
  /** Before its rows become spans. */
  segment(segment: TraceSegment): void;
  /** A goroutine lives from now on. */
  begin(goroutine: number): void;
  /** @param isFirst of a goroutine that was not seen being created */
  span(span: Span, isFirst: boolean): void;
  systemStack(span: Span): void;
  /** Before the goroutine's slice ends. `timeNs` may be the end of the trace: then it lives on. */
  leave(goroutine: number, timeNs: number, isDead: boolean): void;
  /** All spans have come: names and describes the tracks. */
  finish(endNs: number, extras: Extras): Promise<void>;
}

/** What every layout shows besides goroutines; absent when not asked for. */
export interface Extras {
  readonly counters: boolean;
  readonly losses: Losses;
  readonly calls: Calls;
  readonly osThreads: OsThreads | undefined;
}

/** What layouts write with. */
export interface Parts {
  /** What of the trace is converted. */
  readonly window: TraceWindow;
  readonly packets: Packets;
  readonly uuids: Uuids;
  readonly audit: PerfettoAudit;
  readonly programs: Programs;
  readonly places: Places;
  readonly lives: Lives;
  readonly names: SliceNames;
  readonly labels: GoroutineLabels;
  readonly stacks: StackTexts;
}
