import type { CallInfo } from '../../model/call.js';
import { writeTrack } from './descriptors.js';
import { SIBLING_MERGE_NONE } from './fields.js';
import type { Parts } from './layout.js';
import { Category } from './slice-names.js';

/** Of a track, so many calls are remembered to see that the next one does not overlap them. */
const REMEMBERED = 1024;
/** The UI (v52) nests 512 slices; deeper ones lose their ends, and ends of others, without a word. */
const MAX_DEPTH = 500;

interface CallTrack {
  readonly uuid: number;
  /** Outermost calls so far, in order of time. */
  readonly calls: CallInfo[];
}

/**
 * Calls of functions (`record --call`), on a track below each goroutine's: there they nest, whatever its states are. They come
 * in order of their end, so an outer call comes after those within it.
 */
export class Calls {
  readonly #parts: Parts;
  readonly #trackByLane = new Map<number, CallTrack>();
  #waiting: CallInfo[] = [];
  readonly #atStart: { readonly track: CallTrack; readonly call: CallInfo }[] = [];
  readonly #category: number;
  readonly #arguments: number;
  readonly #outcome: number;

  constructor(parts: Parts) {
    const { packets } = parts;
    this.#parts = parts;
    this.#category = packets.category(Category.call);
    this.#arguments = packets.argName('arguments');
    this.#outcome = packets.argName('outcome');
  }

  /** Before the spans of their segment: which tracks their goroutines have is known only then. */
  add(calls: readonly CallInfo[]): void {
    this.#parts.audit.calls.calls += calls.length;
    this.#waiting.push(...calls);
  }

  /** Writes what was added. */
  flush(): void {
    for (const call of this.#waiting) this.#draw(call);
    this.#waiting = [];
  }

  /** Writes what begins with the window, the outermost first: of equal times what is written first comes first. */
  finish(): void {
    for (const { track, call } of this.#atStart.toReversed()) this.#write(track, call);
  }

  #draw(call: CallInfo): void {
    const { programs, lives, window } = this.#parts;
    const audit = this.#parts.audit.calls;
    const goroutine = programs.of(call.pid).goroutineByGoid.get(call.goid);
    if (call.endNs < window.fromNs || call.startNs > window.toNs) audit.outside++;
    else if (call.depth >= MAX_DEPTH) audit.tooDeep++;
    else if (goroutine === undefined) audit.goroutineUnknown++;
    else {
      const track = this.#trackOf(lives.laneOf(goroutine).uuid);
      if (!nests(track, call)) audit.overlapping++;
      else if (call.startNs < window.fromNs) this.#atStart.push({ track, call });
      else this.#write(track, call);
    }
  }

  /** As much of it as is within the window. */
  #write({ uuid }: CallTrack, call: CallInfo): void {
    const { packets, window, audit } = this.#parts;
    const name = packets.name(call.function);
    const outcome = call.outcome === 'returned' ? undefined : packets.argText(call.outcome);
    packets.sliceBegin(Math.max(call.startNs, window.fromNs), uuid, this.#category, name);
    if (call.arguments !== '') packets.argString(this.#arguments, call.arguments);
    if (outcome !== undefined) packets.argIid(this.#outcome, outcome);
    packets.end();
    packets.sliceEnd(Math.min(call.endNs, window.toNs), uuid);
    packets.end();
    audit.calls.slices++;
  }

  #trackOf(lane: number): CallTrack {
    const known = this.#trackByLane.get(lane);
    if (known !== undefined) return known;
    const { packets, uuids } = this.#parts;
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
