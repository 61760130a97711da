/** Figures for people, as the terminal report writes them. */

export function time(ns: number): string {
  const size = Math.abs(ns);
  if (size >= 1e9) return `${digits(ns / 1e9)} s`;
  if (size >= 1e6) return `${digits(ns / 1e6)} ms`;
  if (size >= 1e3) return `${digits(ns / 1e3)} µs`;
  return `${Math.round(ns)} ns`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Wall-clock time, UTC. @param realtimeNs ns since 1970 as decimal text */
export function clock(realtimeNs: string): string {
  const ms = Number(BigInt(realtimeNs || '0') / 1_000_000n);
  return ms === 0 ? '' : `${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

export function functionName(name: string): string {
  return name === '' ? '(unknown)' : name;
}

function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return count(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
