/**
 * Whether two samples come from the same distribution, by their ranks alone (Mann–Whitney U, two-sided, normal
 * approximation with corrections for ties and continuity; good from about 8 values a side on).
 */

/** Probability of a difference as great as this one or greater when there is none; 1 when it cannot be told. */
export function rankTest(a: readonly number[], b: readonly number[]): number {
  const n = a.length + b.length;
  if (a.length === 0 || b.length === 0) return 1;
  const { rankSum, tieTerm } = ranksOf(a, b);
  const u = rankSum - (a.length * (a.length + 1)) / 2;
  const mean = (a.length * b.length) / 2;
  const variance = ((a.length * b.length) / 12) * (n + 1 - tieTerm / (n * (n - 1)));
  // All values are equal.
  if (!(variance > 0)) return 1;
  const z = Math.max(0, Math.abs(u - mean) - 0.5) / Math.sqrt(variance);
  return Math.min(1, 2 * normalTail(z));
}

/** Sum of the ranks of `a` among both, equal values sharing theirs; and Σ(t³ − t) over groups of t equal values. */
function ranksOf(a: readonly number[], b: readonly number[]): { rankSum: number; tieTerm: number } {
  const all = [...a.map((value) => ({ value, isA: true })), ...b.map((value) => ({ value, isA: false }))];
  all.sort((x, y) => x.value - y.value);
  let rankSum = 0;
  let tieTerm = 0;
  for (let from = 0; from < all.length; ) {
    let to = from + 1;
    while (to < all.length && all[to]!.value === all[from]!.value) to++;
    const rank = (from + 1 + to) / 2;
    for (let i = from; i < to; i++) if (all[i]!.isA) rankSum += rank;
    tieTerm += (to - from) ** 3 - (to - from);
    from = to;
  }
  return { rankSum, tieTerm };
}

/** P(Z > z) of the standard normal distribution, z ≥ 0; Abramowitz and Stegun 26.2.17, error below 7.5e-8. */
function normalTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly;
}

/** p-values that account for how many tests were made (Benjamini–Hochberg): the share of false alarms below them. */
export function adjustForMany(ps: readonly number[]): number[] {
  const order = ps.map((p, index) => ({ p, index })).sort((a, b) => b.p - a.p);
  const adjusted = new Array<number>(ps.length);
  let least = 1;
  for (const [position, { p, index }] of order.entries()) {
    least = Math.min(least, (p * ps.length) / (ps.length - position));
    adjusted[index] = least;
  }
  return adjusted;
}
