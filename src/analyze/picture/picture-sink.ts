/** Reads a trace once more, for the picture of it. Memory: a row of numbers for each goroutine, and what is drawn. */
import { type Span, SpanKind } from '../../model/span.js';
import type { GoroutineDirectory, SpanSink } from '../../model/span-sink.js';
import type { StackDirectory } from '../../model/stack-directory.js';
import { GoroutineTimes } from '../goroutine-times.js';
import { ExecutionStackSum } from './execution-stacks.js';
import { type GoroutineRow, type Picture, ROWS_MAX, type Timeline } from './picture.js';
import { CELLS, TimelineRowBuilder } from './timeline-row.js';

export interface PictureInput {
  readonly goroutines: GoroutineDirectory;
  readonly stacks: StackDirectory;
  readonly reasons: readonly string[];
  /** What part of the trace it is of. */
  readonly startNs: number;
  readonly endNs: number;
  /** Goroutines that the time line shows, from top to bottom. */
  readonly shown: readonly { readonly pid: number; readonly goid: number }[];
}

export class PictureSink implements SpanSink {
  readonly #input: PictureInput;
  readonly #times = new GoroutineTimes();
  readonly #longest = { schedWait: [] as number[], block: [] as number[] };
  readonly #execution: ExecutionStackSum;
  readonly #rows: ReadonlyMap<string, TimelineRowBuilder>;
  /** Row of each goroutine, null when it is not shown. */
  readonly #rowOf: (TimelineRowBuilder | null)[] = [];

  constructor(input: PictureInput) {
    this.#input = input;
    this.#execution = new ExecutionStackSum(input.goroutines, input.stacks);
    const row = () => new TimelineRowBuilder(input.startNs, input.endNs);
    this.#rows = new Map(input.shown.map(({ pid, goid }) => [`${pid} ${goid}`, row()]));
  }

  begin(goroutine: number): void {
    this.#times.reserve(goroutine);
  }

  span(span: Span): void {
    const { goroutine, kind } = span;
    const ns = span.endNs - span.startNs;
    this.#times.add(goroutine, kind, ns);
    if (kind === SpanKind.runnable) raise(this.#longest.schedWait, goroutine, ns);
    else if (kind === SpanKind.waiting) raise(this.#longest.block, goroutine, ns);
    this.#execution.span(span);
    this.#row(goroutine)?.span(span);
  }

  systemStack(): void {}

  end(goroutine: number): void {
    this.#execution.end(goroutine);
  }

  result(): Picture {
    const all = Array.from({ length: this.#input.goroutines.size }, (_, goroutine) => goroutine)
      .filter((goroutine) => this.#times.lifetime(goroutine) > 0)
      .sort((a, b) => this.#knownNs(b) - this.#knownNs(a));
    return {
      goroutines: all.slice(0, ROWS_MAX).map((goroutine) => this.#goroutineRow(goroutine)),
      goroutinesOmitted: Math.max(0, all.length - ROWS_MAX),
      timeline: this.#timeline(),
      executionStacks: this.#execution.result(),
    };
  }

  #row(goroutine: number): TimelineRowBuilder | null {
    let row = this.#rowOf[goroutine];
    if (row === undefined) {
      const { goroutines } = this.#input;
      row = this.#rows.get(`${goroutines.pidOf(goroutine)} ${goroutines.goidOf(goroutine)}`) ?? null;
      this.#rowOf[goroutine] = row;
    }
    return row;
  }

  #knownNs(goroutine: number): number {
    const { unseen, unknown } = SpanKind;
    return this.#times.lifetime(goroutine) - this.#times.get(goroutine, unseen) - this.#times.get(goroutine, unknown);
  }

  #goroutineRow(goroutine: number): GoroutineRow {
    const { goroutines } = this.#input;
    const info = goroutines.infoOf(goroutine);
    const time = (kind: number) => this.#times.get(goroutine, kind);
    return {
      pid: goroutines.pidOf(goroutine),
      goid: goroutines.goidOf(goroutine),
      startFunction: info?.startFunction ?? '',
      createdBy: info?.createdBy ?? '',
      labels: (info?.labels ?? []).map(({ key, value }) => `${key}=${value}`).join(', '),
      lifetimeNs: this.#times.lifetime(goroutine),
      executionNs: time(SpanKind.running),
      schedWaitNs: time(SpanKind.runnable),
      blockNs: time(SpanKind.waiting),
      syscallNs: time(SpanKind.syscall),
      preemptedNs: time(SpanKind.preempted),
      otherNs: time(SpanKind.unseen) + time(SpanKind.unknown),
      maxSchedWaitNs: this.#longest.schedWait[goroutine] ?? 0,
      maxBlockNs: this.#longest.block[goroutine] ?? 0,
    };
  }

  #timeline(): Timeline {
    const { startNs, endNs, shown, reasons, goroutines } = this.#input;
    const nameOf = new Map<string, string>();
    for (let goroutine = 0; goroutine < goroutines.size; goroutine++) {
      const key = `${goroutines.pidOf(goroutine)} ${goroutines.goidOf(goroutine)}`;
      if (this.#rows.has(key)) nameOf.set(key, goroutines.infoOf(goroutine)?.startFunction ?? '');
    }
    const rows = shown.map(({ pid, goid }) => {
      const key = `${pid} ${goid}`;
      return { pid, goid, startFunction: nameOf.get(key) ?? '', ...this.#rows.get(key)!.result(reasons) };
    });
    return { startNs, endNs, cellNs: (endNs - startNs) / CELLS, rows };
  }
}

function raise(longest: number[], goroutine: number, ns: number): void {
  if (ns > (longest[goroutine] ?? 0)) longest[goroutine] = ns;
}
