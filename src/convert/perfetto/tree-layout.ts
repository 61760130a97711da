/**
 * Everything as tracks of events under one root, which the UI opens by itself: counters, Ps, then a group for each start
 * function, which shows how many of its goroutines run, with its goroutines below. A slice for every state; arrows for wake-ups.
 */
import { type Span, SpanKind } from '../../model/span.js';
import type { TraceSegment } from '../../model/trace-segment.js';
import { NO_P, NO_STACK } from '../../model/transition-batch.js';
import type { Place } from './descriptors.js';
import type { Lane, MakeLane } from './lanes.js';
import type { Extras, Layout, Parts } from './layout.js';
import type { Group } from './programs.js';
import { Category } from './slice-names.js';
import { TreeTracks } from './tree-tracks.js';
import type { Uuids } from './uuids.js';
import { Wakeups } from './wakeups.js';

/** Makes the tracks of start functions' goroutines. */
export function treeLanes(uuids: Uuids): (group: Group) => MakeLane {
  return () => (index, firstGoid) => ({
    uuid: uuids.next(),
    tid: 0,
    index,
    firstGoid,
    goroutines: 1,
    freeFromNs: Number.POSITIVE_INFINITY,
  });
}

/** Code on the system stack whose slice begins where the running one around it does: that one must be written first. */
interface HeldBack {
  readonly startNs: number;
  readonly endNs: number;
  readonly name: number;
}

export class TreeLayout implements Layout {
  readonly expected = { states: false, slices: () => true };
  readonly #parts: Parts;
  readonly #tracks: TreeTracks;
  readonly #wakeups: Wakeups | undefined;
  /** By goroutine: where its last span ended. */
  readonly #endNs: number[] = [];
  readonly #heldBack = new Map<number, HeldBack[]>();
  readonly #systemStack: number;
  readonly #pCategory: number;
  readonly #args: Readonly<Record<Argument, number>>;
  readonly #yes: number;
  /** By group: what its slices on Ps are called. */
  readonly #runNames: (number | undefined)[] = [];

  constructor(parts: Parts, showsFlows: boolean) {
    const { packets, audit } = parts;
    this.#parts = parts;
    this.#tracks = new TreeTracks(parts);
    this.#wakeups = showsFlows ? new Wakeups(audit.flows) : undefined;
    this.#systemStack = packets.category(Category.systemStack);
    this.#pCategory = packets.category(Category.p);
    const names = ARGUMENTS.map((name) => [name, packets.argName(name)] as const);
    this.#args = Object.fromEntries(names) as Record<Argument, number>;
    this.#yes = packets.argText('yes');
  }

  get placeOfLosses(): Place {
    return this.#tracks.placeOfLosses;
  }

  segment(segment: TraceSegment): void {
    this.#parts.stacks.add(segment);
    this.#wakeups?.add(segment.transitions);
  }

  begin(goroutine: number): void {
    for (let next = this.#endNs.length; next <= goroutine; next++) this.#endNs.push(-1);
    this.#endNs[goroutine] = -1;
  }

  span(span: Span, isFirst: boolean): void {
    const { goroutine, kind, endNs } = span;
    const lane = this.#parts.lives.laneOf(goroutine);
    const group = this.#parts.lives.groupOf(goroutine);
    this.#slice(span, lane, group, isFirst);
    if (kind === SpanKind.running) {
      const held = this.#heldBack.get(goroutine);
      if (held !== undefined) this.#writeHeldBack(goroutine, lane, held);
      this.#run(span, group);
    }
    this.#endNs[goroutine] = endNs;
    const audit = this.#parts.audit.kinds[kind]!;
    audit.slices++;
    audit.sliceNs.add(endNs - span.startNs);
  }

  systemStack(span: Span): void {
    const { goroutine, startNs, endNs } = span;
    const name = this.#parts.names.ofSystemStack(span);
    if (startNs > this.#endNs[goroutine]!) {
      this.#systemStackSlice(this.#parts.lives.laneOf(goroutine), { startNs, endNs, name });
      return;
    }
    const held = this.#heldBack.get(goroutine) ?? [];
    held.push({ startNs, endNs, name });
    this.#heldBack.set(goroutine, held);
  }

  leave(goroutine: number): void {
    const held = this.#heldBack.get(goroutine);
    if (held !== undefined) this.#writeHeldBack(goroutine, this.#parts.lives.laneOf(goroutine), held);
  }

  async finish(endNs: number, extras: Extras): Promise<void> {
    this.#wakeups?.finish();
    await this.#tracks.finish(endNs, extras);
  }

  #slice(span: Span, lane: Lane, group: Group, isFirst: boolean): void {
    const { packets, names, stacks, labels } = this.#parts;
    const { kind, startNs, endNs } = span;
    const args = this.#args;
    const { pid } = group.program;
    const goid = this.#parts.lives.goidOf(span.goroutine);
    const name = names.ofSpan(span, isFirst);
    const reason = names.reasonOf(span);
    const stack = span.stack === NO_STACK ? undefined : stacks.iidOf(span.stack);
    const waker = kind === SpanKind.runnable ? labels.ofWaker(span, group.program) : undefined;
    const arrows = this.#wakeups?.beginningIn(pid, goid, startNs, endNs) ?? [];
    const arrow = kind === SpanKind.runnable && span.waker !== 0 ? this.#wakeups?.endingAt(pid, goid, startNs) : 0;
    packets.sliceBegin(startNs, lane.uuid, names.categories[kind]!, name);
    if (reason !== undefined) packets.argIid(args.reason, reason);
    if (waker !== undefined) packets.argIid(args['woken by'], waker);
    if (kind === SpanKind.running && span.p !== NO_P) packets.argUint(args.P, span.p);
    if (kind === SpanKind.running) packets.argUint(args.cpu, span.cpu);
    if (kind === SpanKind.running || kind === SpanKind.syscall) packets.argUint(args['OS thread'], span.tid);
    if (stack !== undefined) packets.argIid(args.stack, stack);
    if (span.crossesGap) packets.argIid(args['events lost'], this.#yes);
    for (const id of arrows) packets.flowBegin(id);
    if (arrow) packets.flowEnd(arrow);
    packets.end();
    packets.sliceEnd(endNs, lane.uuid);
    packets.end();
  }

  #run(span: Span, group: Group): void {
    const { packets, places, labels } = this.#parts;
    const { startNs, endNs } = span;
    group.runningNs += endNs - startNs;
    this.#tracks.countRun(group, startNs, endNs);
    const place = places.take(group.program, span.p, startNs, endNs);
    if (place === undefined) return;
    const label = labels.of(span.goroutine);
    const track = this.#tracks.ofPlace(place);
    const name = this.#runName(group);
    packets.sliceBegin(startNs, track, this.#pCategory, name);
    packets.argIid(this.#args.goroutine, label);
    packets.end();
    packets.sliceEnd(endNs, track);
    packets.end();
    places.leave(place);
  }

  #runName({ index, startFunction }: Group): number {
    const known = this.#runNames[index];
    if (known !== undefined) return known;
    const name = this.#parts.packets.name(startFunction);
    this.#runNames[index] = name;
    return name;
  }

  #writeHeldBack(goroutine: number, lane: Lane, held: readonly HeldBack[]): void {
    for (const slice of held) this.#systemStackSlice(lane, slice);
    this.#heldBack.delete(goroutine);
  }

  #systemStackSlice({ uuid }: Lane, { startNs, endNs, name }: HeldBack): void {
    const { packets, audit } = this.#parts;
    packets.sliceBegin(startNs, uuid, this.#systemStack, name);
    packets.end();
    packets.sliceEnd(endNs, uuid);
    packets.end();
    audit.systemStack.slices++;
    audit.systemStack.sliceNs.add(endNs - startNs);
  }
}

const ARGUMENTS = ['reason', 'woken by', 'P', 'cpu', 'OS thread', 'stack', 'events lost', 'goroutine'] as const;
type Argument = (typeof ARGUMENTS)[number];
