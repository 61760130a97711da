import type { Becoming } from '../becoming.js';
import { GoStatus } from './go-status.js';
import type { Lane } from './lanes.js';
import type { ProcessTrace } from './process-trace.js';

/** A goroutine becomes something else. */
export interface Change {
  readonly life: Life;
  readonly timeNs: number;
  /** How much earlier it was, when that is written already. */
  readonly lateNs: number;
  /** Undefined while only the span before it has ended. */
  becomes: Becoming | undefined;
}

export interface LifeFacts {
  readonly goroutine: number;
  readonly goid: number;
  readonly startFunction: string;
  /** Function, file and line of the go statement. */
  readonly createdBy: string;
  /** Where it is written. Undefined: it is left out, because nothing is known about its time. */
  readonly trace: ProcessTrace | undefined;
  readonly created: boolean;
}

/** A goroutine from its begin to its end: what was told about it, and what is written. */
export class Life implements LifeFacts {
  readonly goroutine: number;
  readonly goid: number;
  readonly startFunction: string;
  readonly createdBy: string;
  readonly trace: ProcessTrace | undefined;
  readonly created: boolean;

  /** A span has ended, and the next is not known. */
  pending: Change | undefined;
  /** Time and kind of the last change whose outcome is known. */
  toldNs = -1;
  toldKind = Number.NaN;
  hadSpan = false;

  /** As written so far. */
  status: GoStatus = GoStatus.none;
  sinceNs = 0;
  lane: Lane | undefined;
  /** The last generation in which its status was told, and how often it was started or unblocked since. */
  generation = 0;
  sequence = 0;

  constructor({ goroutine, goid, startFunction, createdBy, trace, created }: LifeFacts) {
    this.goroutine = goroutine;
    this.goid = goid;
    this.startFunction = startFunction;
    this.createdBy = createdBy;
    this.trace = trace;
    this.created = created;
  }
}
