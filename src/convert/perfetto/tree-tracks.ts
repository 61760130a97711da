/** The tracks of the tree layout: who is below whom, in which order, and what they are called. */
import { SpanKind } from '../../model/span.js';
import { StateCounts } from '../state-counts.js';
import { writeStateCounters } from './counters.js';
import { type Place, writeTrack } from './descriptors.js';
import { SIBLING_MERGE_NONE } from './fields.js';
import { laneName } from './lanes.js';
import type { Extras, Parts } from './layout.js';
import { pOfPlace } from './places.js';
import type { Group } from './programs.js';

/** Order below the root. Ps come one by one where they are few. */
const Rank = { counters: 0, ps: 100, losses: 50_000, osThreads: 50_001, functions: 60_000 } as const;
const FEW_PS = 16;
/** Points of the counter of a start function. */
const POINTS = 1 << 10;
const UNIT = 'goroutines on a P';
const NAMES_PER_DRAIN = 10_000;

export class TreeTracks {
  readonly #parts: Parts;
  readonly #root: number;
  readonly #uuidByPlace: (number | undefined)[] = [];
  readonly #runs: StateCounts[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#root = parts.uuids.next();
  }

  get placeOfLosses(): Place {
    return { parent: this.#root, rank: Rank.losses };
  }

  ofPlace(place: number): number {
    const known = this.#uuidByPlace[place];
    if (known !== undefined) return known;
    const uuid = this.#parts.uuids.next();
    this.#uuidByPlace[place] = uuid;
    return uuid;
  }

  countRun({ index }: Group, startNs: number, endNs: number): void {
    let runs = this.#runs[index];
    if (runs === undefined) {
      runs = new StateCounts(POINTS);
      this.#runs[index] = runs;
    }
    runs.add(SpanKind.running, startNs, endNs);
  }

  async finish(endNs: number, { counters, osThreads }: Extras): Promise<void> {
    const { packets, programs } = this.#parts;
    const parent = this.#root;
    const name = [...programs.all].map((program) => program.name).join(', ') || 'gotape';
    writeTrack(packets.out, { uuid: parent, name, ordered: true });
    for (const program of counters ? programs.all : []) {
      writeStateCounters(this.#parts, program, endNs, { parent, rank: Rank.counters });
    }
    this.#describePs();
    osThreads?.finish(endNs, programs, { parent, rank: Rank.osThreads });
    const groups = programs.groups.toSorted((a, b) => b.runningNs - a.runningNs);
    for (const [i, group] of groups.entries()) await this.#describeGroup(group, Rank.functions + i, endNs, counters);
  }

  #describePs(): void {
    const { packets, uuids } = this.#parts;
    const places = [...this.#uuidByPlace.keys()].filter((place) => this.#uuidByPlace[place] !== undefined);
    let parent = this.#root;
    if (places.length > FEW_PS) {
      parent = uuids.next();
      writeTrack(packets.out, { uuid: parent, name: 'Ps', parent: this.#root, rank: Rank.ps, ordered: true });
    }
    for (const place of places) {
      const uuid = this.#uuidByPlace[place]!;
      const rank = Rank.ps + place;
      writeTrack(packets.out, { uuid, name: this.#placeName(place), parent, rank, merge: SIBLING_MERGE_NONE });
      this.#parts.audit.tracks++;
    }
  }

  #placeName(place: number): string {
    const { programs } = this.#parts;
    const where = pOfPlace(place);
    if (where === undefined) return 'running without a P of its own';
    const program = [...programs.all][where.program];
    return `${program === undefined ? '' : programs.prefix(program)}P${where.p}`;
  }

  async #describeGroup(group: Group, rank: number, endNs: number, counted: boolean): Promise<void> {
    const { packets, programs, uuids, audit } = this.#parts;
    const uuid = uuids.next();
    const name = `${programs.prefix(group.program)}${group.startFunction} ×${group.goroutines}`;
    const unit = counted ? UNIT : undefined;
    const track = { uuid, name, parent: this.#root, rank, ordered: true, merge: SIBLING_MERGE_NONE };
    writeTrack(packets.out, { ...track, unit });
    if (counted) this.#writeRuns(group, uuid, endNs);
    for (const [i, lane] of group.lanes.all.entries()) {
      const laneRank = Math.min(lane.index, 0x7fffffff);
      const place = { parent: uuid, rank: laneRank, merge: SIBLING_MERGE_NONE };
      writeTrack(packets.out, { uuid: lane.uuid, name: laneName(lane), ...place });
      audit.tracks++;
      if (i % NAMES_PER_DRAIN === NAMES_PER_DRAIN - 1) await packets.drain();
    }
  }

  #writeRuns({ index }: Group, uuid: number, endNs: number): void {
    const { packets, audit, window } = this.#parts;
    let last = -1;
    this.#runs[index]?.forEachChange(window.fromNs, endNs, (timeNs, counts) => {
      const now = Math.max(counts[SpanKind.running]!, 0);
      if (now === last) return;
      packets.counter(timeNs, uuid, now);
      last = now;
      audit.counterPoints++;
    });
  }
}
