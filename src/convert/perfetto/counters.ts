import { SPAN_KIND_NAMES, SpanKind } from '../../model/span.js';
import { type Place, writeTrack } from './descriptors.js';
import type { Parts } from './layout.js';
import type { Program } from './programs.js';

const UNIT = 'goroutines';
/** "Runnable" is what tells that a program wants more Ps: it is the row that is visible at first, the others are below it. */
const PARENT = SpanKind.runnable;

/** Tracks `goroutines runnable`, `goroutines running`, …, exact at up to 16,384 points (../state-counts.ts). */
export function writeStateCounters(parts: Parts, program: Program, endNs: number, place: Place): void {
  const { packets, programs, uuids, audit, window } = parts;
  const kinds = program.counts.kinds();
  const uuidByKind = new Map<SpanKind, number>();
  const describe = (kind: SpanKind, at: Place) => {
    const uuid = uuids.next();
    uuidByKind.set(kind, uuid);
    const name = `${programs.prefix(program)}goroutines ${SPAN_KIND_NAMES[kind]}`;
    writeTrack(packets.out, { uuid, name, unit: UNIT, ordered: true, ...at });
    audit.tracks++;
    return uuid;
  };
  const parent = describe(PARENT, place);
  for (const kind of kinds) if (kind !== PARENT) describe(kind, { parent, rank: kind });
  const last = new Int32Array(SPAN_KIND_NAMES.length).fill(-1);
  program.counts.forEachChange(window.fromNs, endNs, (timeNs, now) => {
    for (const [kind, uuid] of uuidByKind) {
      if (now[kind] === last[kind]) continue;
      packets.counter(timeNs, uuid, Math.max(now[kind]!, 0));
      last[kind] = now[kind]!;
      audit.counterPoints++;
    }
  });
}
