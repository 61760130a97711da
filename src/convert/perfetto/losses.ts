import type { Gap } from '../../model/trace-facts.js';
import { LostLanes } from '../lost-lanes.js';
import type { PerfettoAudit } from './audit.js';
import { writeTrack } from './descriptors.js';
import { SIBLING_MERGE_BY_NAME } from './fields.js';
import type { Packets } from './packets.js';
import { Category } from './slice-names.js';
import type { Uuids } from './uuids.js';

const NAME = 'lost events';
/** So many overlapping losses are drawn side by side, the rest as instants. */
const MAX_LANES = 16;

/** Stretches in which events were lost, on tracks that the UI merges into one. */
export class Losses {
  readonly #packets: Packets;
  readonly #audit: PerfettoAudit['gaps'];
  readonly #lanes = new LostLanes();
  readonly #uuids: readonly number[];
  readonly #category: number;
  readonly #events: number;
  readonly #why: number;

  constructor(packets: Packets, uuids: Uuids, audit: PerfettoAudit['gaps']) {
    this.#packets = packets;
    this.#audit = audit;
    this.#uuids = Array.from({ length: MAX_LANES + 1 }, () => uuids.next());
    this.#category = packets.category(Category.lost);
    this.#events = packets.argName('events');
    this.#why = packets.argName('why');
  }

  add({ fromNs, toNs, lost, why }: Gap): void {
    this.#audit.gaps++;
    const inTime = fromNs >= 0 && toNs <= Number.MAX_SAFE_INTEGER;
    const lane = inTime && toNs > fromNs ? this.#lanes.take(fromNs, toNs) : undefined;
    const name = `${lost} events lost (${why})`;
    if (lane === undefined) {
      this.#packets.instant(inTime ? fromNs : 0, this.#uuids[MAX_LANES]!, this.#category, name);
      this.#audit.instants++;
      return;
    }
    const track = this.#uuids[lane]!;
    this.#packets.namedSliceBegin(fromNs, track, this.#category, name);
    this.#packets.argUint(this.#events, lost);
    this.#packets.argString(this.#why, why);
    this.#packets.end();
    this.#packets.sliceEnd(toNs, track);
    this.#packets.end();
    this.#audit.slices++;
  }

  /** Describes the tracks that are used. */
  finish(parent: number | undefined, rank: number | undefined): void {
    const { slices, instants } = this.#audit;
    const used = this.#uuids.slice(0, slices > 0 ? this.#lanes.count : 0);
    if (instants > 0) used.push(this.#uuids[MAX_LANES]!);
    for (const uuid of used) {
      writeTrack(this.#packets.out, { uuid, name: NAME, parent, rank, merge: SIBLING_MERGE_BY_NAME });
    }
  }
}
