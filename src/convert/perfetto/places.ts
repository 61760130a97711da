/**
 * Where running spans are drawn: each P is a place, and two goroutines are never in one place at one time. Spans come in order
 * of their end. The runtime names a P a little before and after it has it (Go 1.26+: exitsyscall), and sometimes none, so
 * that some spans have no P of their own: they get the first of the other places that is free.
 */
import { NO_P } from '../../model/transition-batch.js';
import type { PerfettoAudit } from './audit.js';
import type { Program } from './programs.js';

/** Numbers of places, as Perfetto's CPUs: it has at most 4096. */
const FIRST_WITHOUT_P = 1000;
const LAST_WITHOUT_P = 2999;
const FIRST_OF_FURTHER_PROGRAM = 3000;
const LAST_OF_ALL = 4095;
const PS_PER_FURTHER_PROGRAM = 100;

export class Places {
  readonly #runs: PerfettoAudit['runs'];
  /** End of the last span in each place. */
  readonly #endNs = new Float64Array(LAST_OF_ALL + 1).fill(-1);
  /** 0 while it is not written yet that the last one there has left. */
  readonly #isLeft = new Uint8Array(LAST_OF_ALL + 1).fill(1);

  constructor(runs: PerfettoAudit['runs']) {
    this.#runs = runs;
  }

  /** Place of a running span, taken until {@link leave}. Undefined when 2,000 are taken that have no P. */
  take(program: Program, p: number, startNs: number, endNs: number): number | undefined {
    const { index } = program;
    const own = placeOfP(index, p);
    if (own !== undefined && this.#isFree(own, startNs)) {
      this.#runs.onP++;
      return this.#fill(own, endNs);
    }
    if (own === undefined) this.#runs.withoutP++;
    else this.#runs.elsewhere++;
    for (let place = FIRST_WITHOUT_P; place <= LAST_WITHOUT_P; place++) {
      if (this.#isFree(place, startNs)) return this.#fill(place, endNs);
    }
    return undefined;
  }

  /** What is written from now on comes after the end of the span there. */
  leave(place: number): void {
    this.#isLeft[place] = 1;
  }

  /** Of equal times what is written first comes first. */
  #isFree(place: number, startNs: number): boolean {
    const endNs = this.#endNs[place]!;
    return endNs < startNs || (endNs === startNs && this.#isLeft[place] === 1);
  }

  #fill(place: number, endNs: number): number {
    this.#endNs[place] = endNs;
    this.#isLeft[place] = 0;
    return place;
  }
}

function placeOfP(program: number, p: number): number | undefined {
  if (p === NO_P) return undefined;
  if (program === 0) return p < FIRST_WITHOUT_P ? p : undefined;
  const place = FIRST_OF_FURTHER_PROGRAM + (program - 1) * PS_PER_FURTHER_PROGRAM + p;
  return p < PS_PER_FURTHER_PROGRAM && place <= LAST_OF_ALL ? place : undefined;
}

/** `P3` of the first program; undefined for a place without P. */
export function pOfPlace(place: number): { readonly program: number; readonly p: number } | undefined {
  if (place < FIRST_WITHOUT_P) return { program: 0, p: place };
  if (place < FIRST_OF_FURTHER_PROGRAM) return undefined;
  const offset = place - FIRST_OF_FURTHER_PROGRAM;
  return { program: 1 + Math.floor(offset / PS_PER_FURTHER_PROGRAM), p: offset % PS_PER_FURTHER_PROGRAM };
}
