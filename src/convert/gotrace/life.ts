import { type Becoming, GoStatus } from './go-status.js';
import type { Lane } from './lanes.js';
import type { ProcessTrace } from './process-trace.js';

/** A goroutine becomes something else. */
export interface Change {
  readonly life: Life;
  readonly timeNs: number;
  /** Undefined while only the span before it has ended. */
  becomes: Becoming | undefined;
}

/** A goroutine from its begin to its end: what was told about it, and what is written. */
export class Life {
  readonly goid: number;
  readonly startFunction: string;
  /** Function, file and line of the go statement. */
  readonly createdBy: string;
  /** Where it is written. Undefined: it is left out, because nothing is known about its time. */
  readonly trace: ProcessTrace | undefined;

  /** A span has ended, and the next is not known. */
  pending: Change | undefined;
  /** The last change whose end is known: its time and kind. */
  toldNs = -1;
  toldKind = Number.NaN;
  /** That change while it is not written. */
  told: Change | undefined;
  hadSpan = false;
  readonly created: boolean;

  status: GoStatus = GoStatus.none;
  sinceNs = 0;
  lane: Lane | undefined;
  /** The last generation in which its status was told, and how often it was started or unblocked since. */
  generation = 0;
  sequence = 0;

  constructor(
    goid: number,
    startFunction: string,
    createdBy: string,
    trace: ProcessTrace | undefined,
    created: boolean,
  ) {
    this.goid = goid;
    this.startFunction = startFunction;
    this.createdBy = createdBy;
    this.trace = trace;
    this.created = created;
  }
}
