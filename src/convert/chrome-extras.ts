/** What a Chrome trace shows besides slices of goroutines. */
import { SPAN_KIND_NAMES } from '../model/span.js';
import type { Gap, GoroutineInfo } from '../model/trace-facts.js';
import { type ChromeEvents, goroutineKey, Level, numberKey, placeOf, textKey } from './chrome-events.js';
import type { ChromeParts } from './chrome-parts.js';
import type { GoroutineTrack } from './chrome-track.js';
import { lifecycleTid } from './chrome-tracks.js';
import { jsonLiteral, jsonText } from './json-bytes.js';
import type { LostLanes } from './lost-lanes.js';
import { Category, sliceHead } from './slice-heads.js';
import type { StateCounts } from './state-counts.js';
import { LOST_TID } from './track-ids.js';

const LOST = jsonLiteral(`{"ph":"i","s":"p","cat":"${Category.lost}","name":"lost","ts":`);
const instantHead = (name: string) =>
  jsonLiteral(`{"ph":"i","s":"t","cat":"${Category.lifecycle}","name":"${name}","ts":`);
const CREATED = instantHead('created');
const EXITED = instantHead('exited');
const BY = goroutineKey('by');
const AT = textKey('at');
const GOROUTINE = goroutineKey('goroutine');
const EVENTS = numberKey('events');
const WHY = textKey('why');

export function writeCreated(
  events: ChromeEvents,
  track: GoroutineTrack,
  info: GoroutineInfo | undefined,
  timeNs: number,
): void {
  events.instant(CREATED, placeOf(track.program.pid, lifecycleTid(track.program)), timeNs);
  events.argGoroutine(GOROUTINE, track.goid, track);
  if (info?.parentGoid) events.argGoroutine(BY, info.parentGoid, track.program.trackByGoid.get(info.parentGoid));
  if (info?.createdBy) events.argText(AT, jsonText(info.createdBy));
  events.end();
}

export function writeExited(events: ChromeEvents, track: GoroutineTrack, timeNs: number): void {
  events.instant(EXITED, placeOf(track.program.pid, lifecycleTid(track.program)), timeNs);
  events.argGoroutine(GOROUTINE, track.goid, track);
  events.end();
}

/** An instant where the loss begins, and a slice for as long as it lasted. */
export function writeGap(parts: ChromeParts, pid: number, lanes: LostLanes, gap: Gap): void {
  const { fromNs, toNs, lost, why } = gap;
  const atStart = parts.at(fromNs);
  atStart.instant(LOST, placeOf(pid, LOST_TID), fromNs);
  atStart.argNumber(EVENTS, lost);
  atStart.argText(WHY, jsonText(why));
  atStart.end();
  const lane = toNs > fromNs ? lanes.take(fromNs, toNs) : undefined;
  if (lane === undefined) return;
  const head = sliceHead(Category.lost, `${lost} events lost (${why})`);
  for (const [events, from, to] of parts.pieces(fromNs, toNs)) {
    events.slice(head, placeOf(pid, LOST_TID + lane), from, to, Level.outer);
    events.argNumber(EVENTS, lost);
    events.end();
  }
}

/** Counter tracks `goroutines running`, … from `fromNs` on. Returns the number of points. */
export function writeStateCounts(
  events: ChromeEvents,
  pid: number,
  counts: StateCounts,
  fromNs: number,
  endNs: number,
): number {
  const kinds = counts.kinds();
  const keys = kinds.map((kind) => numberKey(SPAN_KIND_NAMES[kind] ?? ''));
  const head = jsonLiteral(`{"ph":"C","cat":"counter","name":"goroutines","pid":${pid},"ts":`);
  let points = 0;
  if (kinds.length === 0) return 0;
  counts.forEachChange(fromNs, endNs, (timeNs, now) => {
    events.counter(head, timeNs);
    for (const [i, kind] of kinds.entries()) events.argNumber(keys[i]!, now[kind]!);
    events.end();
    points++;
  });
  return points;
}
