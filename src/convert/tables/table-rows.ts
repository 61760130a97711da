/** A trace → rows of its tables. */
import { goStateName } from '../../model/go-state.js';
import { NO_SYSCALL, osStateName } from '../../model/os-schedule.js';
import { SPAN_KIND_NAMES, type Span, SpanKind } from '../../model/span.js';
import type { GoroutineDirectory } from '../../model/span-sink.js';
import type { FrameInfo } from '../../model/stack.js';
import type { TraceSegment } from '../../model/trace-segment.js';
import { NO_P, NO_STACK } from '../../model/transition-batch.js';
import { WakeSource, wakeSourceName } from '../../model/wake-source.js';
import type { TableBuffer } from './table-buffer.js';
import type { TableName } from './table-schema.js';

/** The tables that are wanted. */
export type Buffers = Partial<Record<TableName, TableBuffer>>;

export class TableRows {
  readonly #buffers: Buffers;
  readonly #reasons: readonly string[];
  readonly #goroutines: GoroutineDirectory;
  readonly #frames = new Map<number, FrameInfo>();

  /** @param reasons may grow */
  constructor(buffers: Buffers, reasons: readonly string[], goroutines: GoroutineDirectory) {
    this.#buffers = buffers;
    this.#reasons = reasons;
    this.#goroutines = goroutines;
  }

  segment(segment: TraceSegment): void {
    const { transitions, stacks, calls, sched } = this.#buffers;
    if (transitions) this.#transitions(transitions, segment);
    if (stacks) this.#stacks(stacks, segment);
    if (calls) addCalls(calls, segment);
    if (sched) addSchedule(sched, segment);
  }

  span(span: Span): void {
    const { spans, wakeups } = this.#buffers;
    if (spans) this.#span(spans, span);
    if (wakeups && isWakeUp(span)) this.#wakeUp(wakeups, span);
  }

  #transitions(into: TableBuffer, { transitions: batch }: TraceSegment): void {
    for (let row = 0; row < batch.length; row++) {
      into
        .row()
        .number(batch.timeNs[row]!)
        .number(batch.timeNs[row]!)
        .number(batch.pid[row]!)
        .optional(batch.goid[row]!, 0)
        .number(batch.tid[row]!)
        .number(batch.cpu[row]!)
        .optional(batch.p[row]!, NO_P)
        .text(goStateName(batch.from[row]!))
        .text(goStateName(batch.to[row]!))
        .text(this.#reasons[batch.reason[row]!] ?? '')
        .optional(batch.waker[row]!, 0)
        .text(sourceText(batch.wakeSource[row]!))
        .optional(batch.stack[row]!, NO_STACK);
    }
  }

  #span(into: TableBuffer, span: Span): void {
    const { goroutine, kind, startNs, endNs } = span;
    // Time of which nothing is certain has no place.
    const hasPlace = kind !== SpanKind.unseen && kind !== SpanKind.unknown;
    into
      .row()
      .number(startNs)
      .number(startNs)
      .number(endNs - startNs)
      .number(this.#goroutines.pidOf(goroutine))
      .number(this.#goroutines.goidOf(goroutine))
      .text(this.#goroutines.infoOf(goroutine)?.startFunction ?? '')
      .text(SPAN_KIND_NAMES[kind] ?? 'unknown')
      .text(this.#reasons[span.reason] ?? '')
      .number(hasPlace ? span.tid : Number.NaN)
      .number(hasPlace ? span.cpu : Number.NaN)
      .optional(kind === SpanKind.running ? span.p : NO_P, NO_P)
      .optional(span.waker, 0)
      .text(sourceText(span.wakeSource))
      .optional(span.stack, NO_STACK)
      .number(span.crossesGap ? 1 : 0);
  }

  #wakeUp(into: TableBuffer, { goroutine, startNs, endNs, waker, wakeSource, crossesGap }: Span): void {
    into
      .row()
      .number(startNs)
      .number(startNs)
      .number(this.#goroutines.pidOf(goroutine))
      .number(this.#goroutines.goidOf(goroutine))
      .optional(waker, 0)
      .text(sourceText(wakeSource))
      .number(endNs - startNs)
      .number(crossesGap ? 1 : 0);
  }

  #stacks(into: TableBuffer, { frames = [], stacks = [] }: TraceSegment): void {
    for (const frame of frames) this.#frames.set(frame.id, frame);
    for (const { id, frames: ids, truncated } of stacks) {
      for (const [depth, frameId] of ids.entries()) {
        const { function: name = '', file = '', line = 0, inlined = false } = this.#frames.get(frameId) ?? {};
        into
          .row()
          .number(id)
          .number(depth)
          .text(name)
          .text(file)
          .optional(line, 0)
          .number(inlined ? 1 : 0)
          .number(truncated ? 1 : 0);
      }
    }
  }
}

/** A goroutine became runnable, and it is known by whom or by what. */
export function isWakeUp({ kind, waker, wakeSource }: Span): boolean {
  return kind === SpanKind.runnable && (waker !== 0 || wakeSource !== WakeSource.none);
}

function addCalls(into: TableBuffer, { calls = [] }: TraceSegment): void {
  for (const call of calls) {
    into
      .row()
      .number(call.startNs)
      .number(call.startNs)
      .number(call.endNs - call.startNs)
      .number(call.pid)
      .number(call.goid)
      .number(call.tid)
      .text(call.function)
      .number(call.depth)
      .text(call.outcome)
      .text(call.arguments);
  }
}

function addSchedule(into: TableBuffer, { osSchedule: batch }: TraceSegment): void {
  for (let row = 0; row < (batch?.length ?? 0); row++) {
    const { timeNs, pid, tid, cpu, state, syscall } = batch!;
    into
      .row()
      .number(timeNs[row]!)
      .number(timeNs[row]!)
      .number(pid[row]!)
      .number(tid[row]!)
      .number(cpu[row]!)
      .text(osStateName(state[row]!))
      .optional(syscall[row]!, NO_SYSCALL);
  }
}

function sourceText(source: number): string {
  return source === WakeSource.none ? '' : wakeSourceName(source);
}
