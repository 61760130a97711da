/** Goroutines from birth to end: each has a lane, and a slice there that everything of it lies in. */
import type { GoroutineDirectory } from '../../model/span-sink.js';
import type { GoroutineInfo } from '../../model/trace-facts.js';
import type { PerfettoAudit } from './audit.js';
import type { GoroutineLabels } from './goroutine-labels.js';
import type { Lane } from './lanes.js';
import type { Packets } from './packets.js';
import type { Group, Programs } from './programs.js';
import { Category } from './slice-names.js';

export interface LivesOptions {
  readonly packets: Packets;
  readonly programs: Programs;
  readonly goroutines: GoroutineDirectory;
  readonly labels: GoroutineLabels;
  readonly audit: PerfettoAudit;
}

export class Lives {
  readonly #packets: Packets;
  readonly #programs: Programs;
  readonly #goroutines: GoroutineDirectory;
  readonly #labels: GoroutineLabels;
  readonly #audit: PerfettoAudit;
  readonly #lanes: (Lane | undefined)[] = [];
  readonly #groups: (Group | undefined)[] = [];
  /** Of those that live, else -1. */
  readonly #bornNs: number[] = [];
  readonly #category: number;
  readonly #args: Readonly<Record<'goid' | 'function' | 'createdBy' | 'at' | 'program', number>>;

  constructor({ packets, programs, goroutines, labels, audit }: LivesOptions) {
    this.#packets = packets;
    this.#programs = programs;
    this.#goroutines = goroutines;
    this.#labels = labels;
    this.#audit = audit;
    this.#category = packets.category(Category.goroutine);
    this.#args = {
      goid: packets.argName('goid'),
      function: packets.argName('function'),
      createdBy: packets.argName('created by'),
      at: packets.argName('created at'),
      program: packets.argName('pid'),
    };
  }

  laneOf(goroutine: number): Lane {
    return this.#lanes[goroutine]!;
  }

  goidOf(goroutine: number): number {
    return this.#goroutines.goidOf(goroutine);
  }

  groupOf(goroutine: number): Group {
    return this.#groups[goroutine]!;
  }

  /** Those that live, with their numbers. */
  *living(): Iterable<number> {
    for (const [goroutine, bornNs] of this.#bornNs.entries()) if (bornNs >= 0) yield goroutine;
  }

  begin(goroutine: number, timeNs: number): void {
    const goid = this.#goroutines.goidOf(goroutine);
    // Without holes: the engine would make hash tables of these arrays.
    for (let next = this.#bornNs.length; next <= goroutine; next++) this.#makeRoom();
    const group = this.#groups[goroutine] ?? this.#meet(goroutine, goid);
    const lane = group.lanes.take(goid, timeNs);
    this.#lanes[goroutine] = lane;
    this.#bornNs[goroutine] = timeNs;
    this.#audit.lives.begun++;
    this.#open(goroutine, goid, group, lane, timeNs);
  }

  end(goroutine: number, timeNs: number): void {
    const lane = this.laneOf(goroutine);
    const bornNs = this.#bornNs[goroutine]!;
    this.#audit.lives.ns.add(timeNs - bornNs);
    this.#bornNs[goroutine] = -1;
    this.#packets.sliceEnd(timeNs, lane.uuid);
    this.#packets.end();
    this.#audit.lives.slices++;
    this.#audit.lives.sliceNs.add(timeNs - bornNs);
    this.groupOf(goroutine).lanes.leave(lane, timeNs);
  }

  #makeRoom(): void {
    this.#lanes.push(undefined);
    this.#groups.push(undefined);
    this.#bornNs.push(-1);
  }

  #meet(goroutine: number, goid: number): Group {
    const group = this.#programs.groupOf(goroutine);
    this.#groups[goroutine] = group;
    group.goroutines++;
    group.program.goroutineByGoid.set(goid, goroutine);
    this.#audit.goroutines++;
    return group;
  }

  #open(goroutine: number, goid: number, group: Group, lane: Lane, timeNs: number): void {
    const packets = this.#packets;
    const info = this.#goroutines.infoOf(goroutine);
    const startFunction = info?.startFunction ? packets.argText(info.startFunction) : undefined;
    const creator = info?.parentGoid ? this.#labels.ofGoid(info.parentGoid, group.program) : undefined;
    const at = info?.createdBy ? packets.argText(info.createdBy) : undefined;
    const labels = this.#labelArgs(info);
    packets.namedSliceBegin(timeNs, lane.uuid, this.#category, `G${goid}`);
    packets.argUint(this.#args.goid, goid);
    if (startFunction !== undefined) packets.argIid(this.#args.function, startFunction);
    if (creator !== undefined) packets.argIid(this.#args.createdBy, creator);
    if (at !== undefined) packets.argIid(this.#args.at, at);
    packets.argUint(this.#args.program, group.program.pid);
    for (const [name, text] of labels) packets.argIid(name, text);
    packets.end();
  }

  /** pprof labels as arguments `label KEY`. */
  #labelArgs(info: GoroutineInfo | undefined): readonly (readonly [name: number, text: number])[] {
    return (info?.labels ?? []).map(({ key, value }) => [
      this.#packets.argName(`label ${key}`),
      this.#packets.argText(value),
    ]);
  }
}
