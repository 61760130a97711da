import { SpanKind } from '../model/span.js';
import type { GoroutineDirectory } from '../model/span-sink.js';
import type { GoroutineShare, StartFunctions, StartFunctionTimes, TopGoroutines } from './analysis.js';
import { type GoroutineTimes, namedTimes, newSums, SYSTEM_STACK } from './goroutine-times.js';
import { TopList } from './top-list.js';

export function topGoroutinesOf(times: GoroutineTimes, goroutines: GoroutineDirectory, top: number): TopGoroutines {
  const by = (place: number) => topBy(place, times, goroutines, top);
  return {
    execution: by(SpanKind.running),
    systemStack: by(SYSTEM_STACK),
    schedWait: by(SpanKind.runnable),
    block: by(SpanKind.waiting),
    syscall: by(SpanKind.syscall),
    preempted: by(SpanKind.preempted),
    unseen: by(SpanKind.unseen),
    unknown: by(SpanKind.unknown),
  };
}

function topBy(place: number, times: GoroutineTimes, goroutines: GoroutineDirectory, top: number): GoroutineShare[] {
  const list = new TopList<number>(
    top,
    (a, b) => goroutines.pidOf(a) - goroutines.pidOf(b) || goroutines.goidOf(a) - goroutines.goidOf(b),
  );
  for (let goroutine = 0; goroutine < goroutines.size; goroutine++) {
    const ns = times.get(goroutine, place);
    if (ns > 0) list.offer(goroutine, ns);
  }
  return list.items().map((goroutine) => ({
    pid: goroutines.pidOf(goroutine),
    goid: goroutines.goidOf(goroutine),
    startFunction: goroutines.infoOf(goroutine)?.startFunction ?? '',
    ns: times.get(goroutine, place),
    lifetimeNs: times.lifetime(goroutine),
  }));
}

export function startFunctionsOf(
  times: GoroutineTimes,
  goroutines: GoroutineDirectory,
  top: number,
  counts: (goroutine: number) => boolean,
): StartFunctions {
  const groups = new Map<string, { goroutines: number; readonly sums: Float64Array }>();
  for (let goroutine = 0; goroutine < goroutines.size; goroutine++) {
    if (!counts(goroutine)) continue;
    const name = goroutines.infoOf(goroutine)?.startFunction ?? '';
    const group = groups.get(name) ?? { goroutines: 0, sums: newSums() };
    groups.set(name, group);
    group.goroutines++;
    times.addTo(group.sums, goroutine);
  }
  const list = new TopList<StartFunctionTimes>(top, (a, b) => (a.startFunction < b.startFunction ? -1 : 1));
  for (const [startFunction, { goroutines, sums }] of groups) {
    list.offer({ startFunction, goroutines, ...namedTimes(sums) }, sums[SpanKind.running]!);
  }
  const items = list.items();
  return { list: items, omitted: groups.size - items.length };
}
