/** Several traces become one: rows in order of time, one segment of each trace at a time. */
import { UserError } from '../../base/errors.js';
import { Heap } from '../../base/heap.js';
import type { CallInfo } from '../../model/call.js';
import { OsScheduleList } from '../../model/os-schedule.js';
import type { Gap, SourceFact } from '../../model/trace-facts.js';
import type { SegmentDetails } from '../../model/trace-segment.js';
import { sliceRows, type TransitionBatch } from '../../model/transition-batch.js';
import type { ByteSink } from '../archive-writer.js';
import { ATTACHMENTS } from '../entry-names.js';
import { ReasonList } from '../reason-list.js';
import type { TraceFile } from '../trace-file.js';
import { TraceWriter } from '../trace-writer.js';
import { TransitionColumns } from '../transition-columns.js';
import { GapLosses } from './edited-losses.js';
import { type Placed, placeInTime } from './merge-clocks.js';
import { MergeCursor, type SegmentFacts } from './merge-cursor.js';
import { type MergedStream, mergedCalls, mergedSchedule, type ScheduleRow } from './merge-details.js';
import { endOf, lastOf, mergedEnd, mergedFacts } from './merge-facts.js';
import { inspectInput } from './merge-input.js';
import { type ProcessPlan, planProcesses } from './merge-processes.js';
import { MergedStacks } from './merge-stacks.js';
import { SegmentPacker } from './segment-packer.js';
import { isAttachment, otherEntries } from './whole-trace.js';

const SEGMENT_ROWS = 65_536;
const NO_ROWS = new TransitionColumns();

export interface MergeResult {
  readonly bytes: number;
  readonly transitions: number;
  /** Events of any kind. */
  readonly lost: number;
  readonly gaps: number;
  /** In order of time. */
  readonly sources: readonly (SourceFact & { readonly name: string })[];
}

export interface MergeOptions {
  readonly level: number;
  /** Program and version. */
  readonly producer: string;
}

/** @throws UserError when they cannot be one trace */
export async function mergeTraces(
  named: readonly { readonly name: string; readonly trace: TraceFile }[],
  sink: ByteSink,
  options: MergeOptions,
): Promise<MergeResult> {
  if (named.length < 2) throw new UserError('merge: expected two traces or more');
  const inputs = [];
  for (const { name, trace } of named) inputs.push(await inspectInput(name, trace));
  const traces = placeInTime(inputs);
  const plan = planProcesses(traces);
  const facts = mergedFacts(traces, plan, options.producer);
  const shared = { reasons: new ReasonList(), stacks: new MergedStacks() };
  const writer = new TraceWriter(sink, facts, { reasons: shared.reasons.texts, level: options.level });
  const output = new MergedSegments(writer, traces, plan, facts.window !== undefined);
  output.add(NO_ROWS, { goroutines: [], gaps: plan.pauses });
  const cursors = traces.map(
    (trace, rank) => new MergeCursor(rank, trace, plan.changes.get(trace) ?? new Map(), shared),
  );
  await mergeRows(cursors, output);
  output.finish();
  copyAttachments(traces, writer);
  writer.finish(mergedEnd(traces, output.losses, output.transitions));
  const { losses, transitions } = output;
  const sources = (facts.sources ?? []).map((source, i) => ({ ...source, name: traces[i]!.name }));
  return {
    bytes: writer.bytes,
    transitions,
    lost: losses.dropped + losses.faulted + losses.details,
    gaps: losses.gaps,
    sources,
  };
}

async function mergeRows(cursors: readonly MergeCursor[], output: MergedSegments): Promise<void> {
  const heap = new Heap<MergeCursor>((a, b) => a.timeNs < b.timeNs || (a.timeNs === b.timeNs && a.rank < b.rank));
  for (const cursor of cursors) {
    await cursor.load();
    output.addDetails(cursor.takeStacks());
    heap.push(cursor);
  }
  for (let cursor = heap.pop(); cursor !== undefined; cursor = heap.pop()) {
    output.addFacts(cursor);
    if (!cursor.hasRows) continue;
    output.addDetailsUntil(cursor.timeNs);
    const end = cursor.rowsBefore(heap.first);
    output.add(sliceRows(cursor.batch, cursor.row, end));
    cursor.row = end;
    const goesOn = end < cursor.batch.length || (await cursor.load());
    output.addDetails(cursor.takeStacks());
    if (goesOn) heap.push(cursor);
    else output.addFacts(cursor);
  }
}

/** What goes into the merged trace, in its order. */
class MergedSegments {
  readonly losses = new GapLosses();
  transitions = 0;
  readonly #packer: SegmentPacker;
  readonly #last: readonly Placed[];
  readonly #after: TransitionBatch[] = [];
  readonly #gapsSeen = new Set<string>();
  readonly #endedCalls: CallInfo[] = [];
  readonly #scheduleRows = new OsScheduleList();
  readonly #calls: MergedStream<CallInfo>;
  readonly #schedule: MergedStream<ScheduleRow>;

  /** @param isPart changes behind its end are kept only for those that end last: for others the trace goes on */
  constructor(writer: TraceWriter, traces: readonly Placed[], { changes }: ProcessPlan, isPart: boolean) {
    const pidOf = (trace: Placed, pid: number) => changes.get(trace)?.get(pid) ?? pid;
    this.#calls = mergedCalls(traces, pidOf);
    this.#schedule = mergedSchedule(traces, pidOf);
    const endNs = endOf(lastOf(traces));
    this.#last = isPart ? traces.filter((trace) => endOf(trace) === endNs) : [];
    this.#packer = new SegmentPacker(SEGMENT_ROWS, (segment) =>
      writer.segment(segment.transitions, segment.goroutines, segment.gaps, segment),
    );
  }

  add(transitions: TransitionBatch, facts: SegmentFacts = { goroutines: [], gaps: [] }): void {
    this.transitions += transitions.length;
    this.losses.add(facts.gaps);
    this.#packer.add({ ...facts, transitions });
  }

  addFacts(cursor: MergeCursor): void {
    for (const { goroutines, gaps, states, after } of cursor.takeFacts()) {
      // States are told before the rows of their segment: those before them must not share it.
      if (states !== undefined && states.length > 0) this.#packer.flush();
      const own = gaps.filter((gap) => this.#isNew(cursor.input, gap));
      if (goroutines.length + own.length + (states?.length ?? 0) > 0)
        this.add(NO_ROWS, { goroutines, gaps: own, states });
      if (after !== undefined && this.#last.includes(cursor.input)) this.#after.push(after);
    }
  }

  addDetails(details: SegmentDetails): void {
    const { frames = [], stacks = [], calls = [], osSchedule } = details;
    if (frames.length + stacks.length + calls.length + (osSchedule?.length ?? 0) === 0) return;
    this.#packer.add({ transitions: NO_ROWS, goroutines: [], gaps: [], ...details });
  }

  /** Calls that ended and threads that changed up to this time. */
  addDetailsUntil(timeNs: number): void {
    for (const call of this.#calls.until(timeNs)) {
      if (this.#endedCalls.push(call) >= SEGMENT_ROWS) this.#addGathered();
    }
    for (const { batch, row } of this.#schedule.until(timeNs)) {
      this.#scheduleRows.add(batch, row);
      if (this.#scheduleRows.length >= SEGMENT_ROWS) this.#addGathered();
    }
    this.#addGathered();
  }

  #addGathered(): void {
    this.addDetails({ calls: this.#endedCalls, osSchedule: this.#scheduleRows });
    this.#endedCalls.length = 0;
    this.#scheduleRows.length = 0;
  }

  finish(): void {
    this.addDetailsUntil(Number.POSITIVE_INFINITY);
    for (const after of this.#after) this.#packer.add({ transitions: NO_ROWS, goroutines: [], gaps: [], after });
    this.#packer.flush();
  }

  /** Two parts of one recording both tell of a gap at their border. */
  #isNew({ boot, trace }: Placed, { fromNs, toNs, lost, why, stream }: Gap): boolean {
    if (trace.facts.window === undefined) return true;
    const key = JSON.stringify([boot, trace.facts.start.monotonicNs, fromNs, toNs, lost, why, stream]);
    const isNew = !this.#gapsSeen.has(key);
    this.#gapsSeen.add(key);
    return isNew;
  }
}

/** Under their names, or with a number in front where another trace has one of that name. */
function copyAttachments(traces: readonly Placed[], writer: TraceWriter): void {
  const taken = new Set<string>();
  for (const { trace } of traces) {
    for (const entry of otherEntries(trace).filter(isAttachment)) {
      const plain = entry.name.slice(ATTACHMENTS.length);
      let name = entry.name;
      for (let number = 2; taken.has(name); number++) name = `${ATTACHMENTS}${number}-${plain}`;
      taken.add(name);
      writer.entry(name, trace.readEntry(entry));
    }
  }
}
