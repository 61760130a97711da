/** Window and Source of a TraceHeader ↔ plain objects: where a trace that was not recorded as it is comes from. */
import type { SourceFact, WindowFact } from '../model/trace-facts.js';
import type { gotape } from './gen/trace.js';
import { decodeClocks, decodeHost, encodeClocks, toLong, toNumber } from './header-values.js';

export function encodeWindow({ fromNs, toNs, goids, functions }: WindowFact) {
  return {
    fromNs: toLong(fromNs),
    // 0: up to the end.
    toNs: toLong(Number.isFinite(toNs) ? toNs : 0),
    goids: goids.map(toLong),
    functions: [...functions],
  };
}

export function decodeWindow(window: gotape.IWindow): WindowFact {
  const toNs = toNumber(window.toNs);
  return {
    fromNs: toNumber(window.fromNs),
    toNs: toNs === 0 ? Number.POSITIVE_INFINITY : toNs,
    goids: (window.goids ?? []).map(toNumber),
    functions: window.functions ?? [],
  };
}

export function encodeSource(source: SourceFact) {
  return {
    ...source,
    host: { ...source.host },
    start: encodeClocks(source.start),
    end: encodeClocks(source.end),
    offsetNs: toLong(source.offsetNs),
    uncertaintyNs: toLong(source.uncertaintyNs),
    pids: source.pids.map((change) => ({ ...change })),
  };
}

export function decodeSource(source: gotape.ISource): SourceFact {
  return {
    producer: source.producer ?? '',
    host: decodeHost(source.host),
    start: decodeClocks(source.start ?? {}),
    end: decodeClocks(source.end ?? {}),
    offsetNs: toNumber(source.offsetNs),
    uncertaintyNs: toNumber(source.uncertaintyNs),
    alignment: source.alignment ?? '',
    pids: (source.pids ?? []).map(({ pid, original }) => ({ pid: pid ?? 0, original: original ?? 0 })),
    stopReason: source.stopReason ?? '',
  };
}
