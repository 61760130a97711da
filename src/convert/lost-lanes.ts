/** More would only be stacked higher; what does not fit is still there as an instant. */
const MAX_LANES = 16;

/** Gaps of several cpus overlap, slices on one track must not: each gap takes the first lane that is free. */
export class LostLanes {
  readonly #endNs: number[] = [];

  get count(): number {
    return this.#endNs.length;
  }

  /** Lane for a gap, or undefined when all are taken at that time. */
  take(fromNs: number, toNs: number): number | undefined {
    let lane = this.#endNs.findIndex((endNs) => endNs <= fromNs);
    if (lane < 0) lane = this.#endNs.length;
    if (lane >= MAX_LANES) return undefined;
    this.#endNs[lane] = toNs;
    return lane;
  }
}
