import { formatNs } from '../../base/text.js';
import type { TraceFacts } from '../../model/trace-facts.js';
import { realtimeOf, timeOfDay } from '../wall-clock.js';

/** `12 %`; one decimal below 10. */
export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent.toFixed(percent < 10 ? 1 : 0)} %`;
}

/** `at 12:03:04.1 UTC (1.23 s after the start)`; without the clock where none was recorded. */
export function whenText(facts: TraceFacts, ns: number): string {
  const realtimeNs = realtimeOf(facts, ns);
  const time = realtimeNs === '' ? '' : timeOfDay(realtimeNs);
  return time === '' ? `${formatNs(ns)} after the start` : `at ${time} (${formatNs(ns)} after the start)`;
}

export function functionText(name: string): string {
  return name === '' ? '(start function not known)' : name;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? one : many;
}
