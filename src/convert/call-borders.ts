/**
 * Where recorded calls begin and end, for each goroutine that made some. Slices of one track must nest, and a call goes on
 * while its goroutine changes its state: so calls are the outer slices, and slices of states are cut where a call begins or
 * ends. That must be known before the state's slice is written, hence from a pass before. Memory: 16 bytes for each call.
 */
import type { CallInfo } from '../model/call.js';

export class CallBorders {
  readonly #byGoroutine = new Map<string, Borders>();

  /** In order of `endNs`. False when the call overlaps another of its goroutine without lying in it: a damaged trace. */
  add(call: CallInfo): boolean {
    const key = `${call.pid} ${call.goid}`;
    let borders = this.#byGoroutine.get(key);
    if (borders === undefined) {
      borders = new Borders();
      this.#byGoroutine.set(key, borders);
    }
    return borders.add(call);
  }

  of(pid: number, goid: number): Borders | undefined {
    return this.#byGoroutine.size === 0 ? undefined : this.#byGoroutine.get(`${pid} ${goid}`);
  }
}

export class Borders {
  #times: number[] = [];
  #sorted = true;
  /** Calls that no later one has enclosed so far, in order of time. */
  readonly #outermost: { readonly startNs: number; readonly endNs: number }[] = [];

  add({ startNs, endNs }: CallInfo): boolean {
    const outermost = this.#outermost;
    if (!(startNs >= 0 && endNs > startNs)) return false;
    while (outermost.length > 0 && outermost.at(-1)!.startNs >= startNs) {
      if (outermost.at(-1)!.endNs > endNs) return false;
      outermost.pop();
    }
    if (outermost.length > 0 && outermost.at(-1)!.endNs > startNs) return false;
    outermost.push({ startNs, endNs });
    this.#times.push(startNs, endNs);
    this.#sorted = false;
    return true;
  }

  /** Borders inside of `(startNs, endNs)`, ascending, each once. */
  within(startNs: number, endNs: number): number[] {
    this.#sort();
    const found: number[] = [];
    for (let i = this.#firstAfter(startNs); i < this.#times.length && this.#times[i]! < endNs; i++) {
      found.push(this.#times[i]!);
    }
    return found;
  }

  #sort(): void {
    if (this.#sorted) return;
    this.#times = [...new Float64Array(new Set(this.#times)).sort()];
    this.#sorted = true;
  }

  #firstAfter(timeNs: number): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#times[middle]! > timeNs) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
