/** What a Chrome trace shows besides spans. */
import { SPAN_KIND_NAMES } from '../model/span.js';
import type { Gap } from '../model/trace-facts.js';
import { type ChromeEvents, numberKey, textKey } from './chrome-events.js';
import { jsonLiteral, jsonText } from './json-bytes.js';
import type { LostLanes } from './lost-lanes.js';
import { Category, sliceHead } from './slice-heads.js';
import type { StateCounts } from './state-counts.js';
import { LOST_TID } from './track-ids.js';

const LOST = jsonLiteral(`{"ph":"i","s":"p","cat":"${Category.lost}","name":"lost","ts":`);
const EVENTS = numberKey('events');
const WHY = textKey('why');

/** An instant where the loss begins, and a slice for as long as it lasted. */
export function writeGap(events: ChromeEvents, pid: number, lanes: LostLanes, gap: Gap): void {
  const { fromNs, toNs, lost, why } = gap;
  events.instant(LOST, pid, LOST_TID, fromNs);
  events.argNumber(EVENTS, lost);
  events.argText(WHY, jsonText(why));
  events.end();
  const lane = toNs > fromNs ? lanes.take(fromNs, toNs) : undefined;
  if (lane === undefined) return;
  events.slice(sliceHead(Category.lost, `${lost} events lost (${why})`), pid, LOST_TID + lane, fromNs, toNs);
  events.argNumber(EVENTS, lost);
  events.end();
}

/** Counter tracks `goroutines running`, … Returns the number of points. */
export function writeStateCounts(events: ChromeEvents, pid: number, counts: StateCounts, endNs: number): number {
  const kinds = counts.kinds();
  const keys = kinds.map((kind) => numberKey(SPAN_KIND_NAMES[kind] ?? ''));
  const head = jsonLiteral(`{"ph":"C","cat":"counter","name":"goroutines","pid":${pid},"ts":`);
  let points = 0;
  if (kinds.length === 0) return 0;
  counts.forEachChange(endNs, (timeNs, now) => {
    events.counter(head, timeNs);
    for (const [i, kind] of kinds.entries()) events.argNumber(keys[i]!, now[kind]!);
    events.end();
    points++;
  });
  return points;
}
