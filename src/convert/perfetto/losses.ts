import type { Gap } from '../../model/trace-facts.js';
import { intersection, type TraceWindow } from '../../model/trace-window.js';
import { LostLanes } from '../lost-lanes.js';
import type { PerfettoAudit } from './audit.js';
import { type Place, writeTrack } from './descriptors.js';
import { SIBLING_MERGE_BY_NAME } from './fields.js';
import type { Parts } from './layout.js';
import type { Packets } from './packets.js';
import { Category } from './slice-names.js';

const NAME = 'lost events';
const TOTAL = 'events lost so far';
/** So many overlapping losses are drawn side by side, the rest as instants. */
const MAX_LANES = 16;

/**
 * Stretches in which events were lost. Those that overlap others are on tracks below the first, which the UI merges into one. A
 * counter is below it too: the UI would hide a track that has nothing below it among others.
 */
export class Losses {
  readonly #packets: Packets;
  readonly #audit: PerfettoAudit['gaps'];
  readonly #lanes = new LostLanes();
  readonly #uuids: readonly number[];
  readonly #first: number;
  readonly #total: number;
  readonly #place: Place;
  readonly #window: TraceWindow;
  readonly #described = new Set<number>();
  readonly #category: number;
  readonly #events: number;
  readonly #why: number;
  #lost = 0;
  #lastNs = 0;

  constructor({ packets, uuids, audit, window }: Parts, place: Place) {
    this.#place = place;
    this.#window = window;
    this.#packets = packets;
    this.#audit = audit.gaps;
    this.#uuids = Array.from({ length: MAX_LANES + 1 }, () => uuids.next());
    this.#first = this.#uuids[0]!;
    this.#total = uuids.next();
    this.#category = packets.category(Category.lost);
    this.#events = packets.argName('events');
    this.#why = packets.argName('why');
  }

  /** Shows the part of it that is converted. */
  add(gap: Gap): void {
    const { lost, why } = gap;
    this.#audit.gaps++;
    const { fromNs, toNs } = intersection(gap, this.#window);
    const inTime = fromNs >= 0 && toNs <= Number.MAX_SAFE_INTEGER;
    const lane = inTime && toNs > fromNs ? this.#lanes.take(fromNs, toNs) : undefined;
    this.#describe(this.#first);
    this.#count(inTime ? toNs : 0, lost);
    const name = `${lost} events lost (${why})`;
    const track = this.#uuids[lane ?? MAX_LANES]!;
    this.#describe(track);
    if (lane === undefined) {
      this.#packets.instant(inTime ? fromNs : 0, track, this.#category, name);
      this.#audit.instants++;
      return;
    }
    this.#packets.namedSliceBegin(fromNs, track, this.#category, name);
    this.#packets.argUint(this.#events, Math.max(lost, 0));
    this.#packets.argString(this.#why, why);
    this.#packets.end();
    this.#packets.sliceEnd(toNs, track);
    this.#packets.end();
    this.#audit.slices++;
  }

  /** Describes a track before the first event on it: what a counter says before that would be dropped without a word. */
  #describe(uuid: number): void {
    if (this.#described.has(uuid)) return;
    this.#described.add(uuid);
    const { out } = this.#packets;
    if (uuid === this.#first) {
      writeTrack(out, { uuid, name: NAME, ...this.#place });
      writeTrack(out, { uuid: this.#total, name: TOTAL, parent: uuid, unit: 'events' });
    } else writeTrack(out, { uuid, name: NAME, parent: this.#first, merge: SIBLING_MERGE_BY_NAME });
  }

  #count(timeNs: number, lost: number): void {
    this.#lost += Math.max(lost, 0);
    this.#lastNs = Math.max(this.#lastNs, timeNs);
    this.#packets.counter(this.#lastNs, this.#total, this.#lost);
  }
}
