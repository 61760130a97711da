/**
 * gotape as a library: read trace files, replay them into spans, analyze them. Nothing here needs Linux, privileges or
 * the recorded program.
 *
 *     import { openTrace } from 'gotape';
 *     using trace = await openTrace('app.gotape.zip');
 *     for await (const { transitions } of trace.segments()) …
 */
export { UserError } from './base/errors.js';
export type { CallInfo, CallOutcome } from './model/call.js';
export { GoState, goStateName } from './model/go-state.js';
export { NO_SYSCALL, type OsScheduleBatch, OsState, osStateName } from './model/os-schedule.js';
export { type Span, SpanKind } from './model/span.js';
export type { GoroutineDirectory, SpanSink } from './model/span-sink.js';
export type { FrameInfo, StackInfo } from './model/stack.js';
export type { Gap, GoroutineInfo, Label, TraceFacts, TraceSummary } from './model/trace-facts.js';
export type { SegmentDetails, TraceSegment, TraceSource } from './model/trace-segment.js';
export { NO_P, NO_STACK, type TransitionBatch } from './model/transition-batch.js';
export { WakeSource, wakeSourceName } from './model/wake-source.js';
export { GoroutineTable } from './replay/goroutine-table.js';
export { Replay } from './replay/replay.js';
export { replayTrace } from './replay/replay-trace.js';
export { type GoroutineSpan, type SpanKindName, spansOf } from './replay/span-objects.js';
export { StackTable } from './replay/stack-table.js';
export { openTrace, type TraceOrigin } from './trace/open-trace.js';
export type { TraceFile } from './trace/trace-file.js';
export { type Transition, transitionsOf } from './trace/transition-objects.js';
