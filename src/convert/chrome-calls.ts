/** Recorded calls, around the states of the goroutines that made them. */
import type { CallInfo } from '../model/call.js';
import { CallBorders } from './call-borders.js';
import { Level, textKey } from './chrome-events.js';
import type { ChromeParts } from './chrome-parts.js';
import type { ChromeTracks } from './chrome-tracks.js';
import { jsonText } from './json-bytes.js';
import { Category, sliceHead } from './slice-heads.js';

const ARGUMENTS = textKey('arguments');
const ENDED = textKey('end');

/** `calls = slices + zeroLength + ofUnknown + overlapping`. */
export interface CallsAudit {
  calls: number;
  slices: number;
  zeroLength: number;
  /** Of goroutines that have no track, or did not live then as far as the trace says. */
  ofUnknown: number;
  /** Overlaps another call of its goroutine without lying in it. */
  overlapping: number;
}

export class ChromeCalls {
  readonly #parts: ChromeParts;
  readonly #tracks: ChromeTracks;
  readonly #audit: CallsAudit;
  /** Says of each call what the pass before said. */
  readonly #nesting = new CallBorders();
  #kept: CallInfo[] = [];
  readonly #headByFunction = new Map<string, Uint8Array>();

  constructor(parts: ChromeParts, tracks: ChromeTracks, audit: CallsAudit) {
    this.#parts = parts;
    this.#tracks = tracks;
    this.#audit = audit;
  }

  /** Calls that ended in a segment, before its rows: their goroutines may be born in it. */
  keep(calls: readonly CallInfo[]): void {
    this.#kept.push(...calls);
  }

  /** Writes what was kept: the rows of their segment were replayed. */
  write(): void {
    for (const call of this.#kept) this.#write(call);
    this.#kept = [];
  }

  #write(call: CallInfo): void {
    const audit = this.#audit;
    audit.calls++;
    const track = this.#tracks.find(call.pid, call.goid);
    const nests = this.#nesting.add(call);
    const startNs = Math.max(call.startNs, track?.bornNs ?? 0);
    const endNs = Math.min(call.endNs, track?.diedNs ?? 0);
    if (call.endNs <= call.startNs) audit.zeroLength++;
    else if (track === undefined || endNs <= startNs) audit.ofUnknown++;
    else if (!nests) audit.overlapping++;
    else {
      audit.slices++;
      const level = Level.call + Math.min(call.depth, Level.callMax - Level.call);
      for (const [events, from, to] of this.#parts.pieces(startNs, endNs)) {
        events.slice(this.#headOf(call.function), track.place, from, to, level);
        if (call.arguments) events.argText(ARGUMENTS, jsonText(call.arguments));
        if (call.outcome !== 'returned') events.argText(ENDED, jsonText(call.outcome));
        events.end();
      }
    }
  }

  #headOf(name: string): Uint8Array {
    let head = this.#headByFunction.get(name);
    if (head === undefined) {
      head = sliceHead(Category.call, `${name}()`);
      this.#headByFunction.set(name, head);
    }
    return head;
  }
}
