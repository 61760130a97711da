import type { OverTime } from './analysis.js';

const BUCKETS = 128;
const FIRST_BUCKET_NS = 1000;

/** Births and deaths over time in 128 buckets at most: they become twice as wide whenever the trace outgrows them. */
export class TimeBuckets {
  private readonly originNs: number;
  private bucketNs = FIRST_BUCKET_NS;
  private readonly created = new Float64Array(BUCKETS);
  private readonly exited = new Float64Array(BUCKETS);
  /** Goroutines that came to be known, created ones included, minus those that exited. */
  private readonly alive = new Float64Array(BUCKETS);

  /** @param originNs where the first bucket begins: no time is earlier */
  constructor(originNs = 0) {
    this.originNs = originNs;
  }

  begin(timeNs: number, created: boolean): void {
    const bucket = this.bucketOf(timeNs - this.originNs);
    if (created) this.created[bucket] = this.created[bucket]! + 1;
    this.alive[bucket] = this.alive[bucket]! + 1;
  }

  end(timeNs: number): void {
    const bucket = this.bucketOf(timeNs - this.originNs);
    this.exited[bucket] = this.exited[bucket]! + 1;
    this.alive[bucket] = this.alive[bucket]! - 1;
  }

  summarize(durationNs: number): OverTime {
    const used = this.bucketOf(durationNs) + 1;
    const buckets = [];
    let alive = 0;
    for (let bucket = 0; bucket < used; bucket++) {
      alive += this.alive[bucket]!;
      buckets.push({
        startNs: this.originNs + bucket * this.bucketNs,
        created: this.created[bucket]!,
        exited: this.exited[bucket]!,
        alive,
      });
    }
    return { bucketNs: this.bucketNs, buckets };
  }

  private bucketOf(afterNs: number): number {
    while (afterNs >= this.bucketNs * BUCKETS) this.widen();
    return Math.floor(afterNs / this.bucketNs);
  }

  private widen(): void {
    this.bucketNs *= 2;
    for (const column of [this.created, this.exited, this.alive]) {
      for (let bucket = 0; bucket < BUCKETS / 2; bucket++) {
        column[bucket] = column[bucket * 2]! + column[bucket * 2 + 1]!;
      }
      column.fill(0, BUCKETS / 2);
    }
  }
}
