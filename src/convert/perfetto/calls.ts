import type { CallInfo } from '../../model/call.js';
import type { PerfettoAudit } from './audit.js';
import { writeTrack } from './descriptors.js';
import { SIBLING_MERGE_NONE } from './fields.js';
import type { Lives } from './lives.js';
import type { Packets } from './packets.js';
import type { Programs } from './programs.js';
import { Category } from './slice-names.js';
import type { Uuids } from './uuids.js';

/** Of a track, so many calls are remembered to see that the next one does not overlap them. */
const REMEMBERED = 1024;

interface CallTrack {
  readonly uuid: number;
  /** Outermost calls so far, in order of time. */
  readonly calls: CallInfo[];
}

export interface CallsOptions {
  readonly packets: Packets;
  readonly uuids: Uuids;
  readonly audit: PerfettoAudit['calls'];
  readonly programs: Programs;
  readonly lives: Lives;
}

/**
 * Calls of functions (`record --call`), on a track below each goroutine's: there they nest, whatever its states are. They come
 * in order of their end, so an outer call comes after those within it.
 */
export class Calls {
  readonly #options: CallsOptions;
  readonly #trackByLane = new Map<number, CallTrack>();
  #waiting: CallInfo[] = [];
  readonly #category: number;
  readonly #arguments: number;
  readonly #outcome: number;

  constructor(options: CallsOptions) {
    const { packets } = options;
    this.#options = options;
    this.#category = packets.category(Category.call);
    this.#arguments = packets.argName('arguments');
    this.#outcome = packets.argName('outcome');
  }

  /** Before the spans of their segment: which tracks their goroutines have is known only then. */
  add(calls: readonly CallInfo[]): void {
    this.#options.audit.calls += calls.length;
    this.#waiting.push(...calls);
  }

  /** Writes what was added. */
  flush(): void {
    for (const call of this.#waiting) this.#write(call);
    this.#waiting = [];
  }

  #write(call: CallInfo): void {
    const { packets, programs, lives, audit } = this.#options;
    const goroutine = programs.of(call.pid).goroutineByGoid.get(call.goid);
    if (goroutine === undefined) {
      audit.goroutineUnknown++;
      return;
    }
    const track = this.#trackOf(lives.laneOf(goroutine).uuid);
    if (!nests(track, call)) {
      audit.overlapping++;
      return;
    }
    const name = packets.name(call.function);
    const outcome = call.outcome === 'returned' ? undefined : packets.argText(call.outcome);
    packets.sliceBegin(call.startNs, track.uuid, this.#category, name);
    if (call.arguments !== '') packets.argString(this.#arguments, call.arguments);
    if (outcome !== undefined) packets.argIid(this.#outcome, outcome);
    packets.end();
    packets.sliceEnd(call.endNs, track.uuid);
    packets.end();
    audit.slices++;
  }

  #trackOf(lane: number): CallTrack {
    const known = this.#trackByLane.get(lane);
    if (known !== undefined) return known;
    const { packets, uuids } = this.#options;
    const track = { uuid: uuids.next(), calls: [] };
    this.#trackByLane.set(lane, track);
    writeTrack(packets.out, { uuid: track.uuid, name: 'calls', parent: lane, merge: SIBLING_MERGE_NONE });
    return track;
  }
}

/** True when the call contains earlier ones or lies behind them; then it is remembered. */
function nests({ calls }: CallTrack, call: CallInfo): boolean {
  if (!(call.startNs >= 0 && call.endNs >= call.startNs && call.endNs <= Number.MAX_SAFE_INTEGER)) return false;
  let inner = calls.length;
  while (inner > 0 && calls[inner - 1]!.startNs > call.startNs) inner--;
  const before = calls[inner - 1];
  // Of two that begin at the same time the outer one would have to be written first.
  if (before !== undefined && (before.endNs > call.startNs || before.startNs === call.startNs)) return false;
  if ((calls.at(-1)?.endNs ?? 0) > call.endNs) return false;
  calls.length = inner;
  if (calls.length >= REMEMBERED) calls.splice(0, REMEMBERED / 2);
  calls.push(call);
  return true;
}
