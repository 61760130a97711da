import { isExecutingReason, PREEMPTED_REASON } from '../model/wait-reason.js';
import { Phase } from './phase.js';

/** The phase that each wait reason stands for, looked up once per reason: rows carry an index. */
export class WaitingPhases {
  /** Phase minus `Phase.waiting` by reason index; 0 for none and for indexes that the trace does not define. */
  readonly offsetByReason = new Uint8Array(1 << 16);
  /** Index of the reason `preempted`, 0 while the trace has none. */
  preemptedReason = 0;

  private readonly reasons: readonly string[];
  private known = 0;

  constructor(reasons: readonly string[]) {
    this.reasons = reasons;
  }

  /** Takes in the reasons that were added since the last call. */
  update(): void {
    for (; this.known < this.reasons.length; this.known++) this.add(this.known, this.reasons[this.known]!);
  }

  private add(index: number, reason: string): void {
    if (reason === PREEMPTED_REASON) {
      this.preemptedReason = index;
      this.offsetByReason[index] = Phase.preempted - Phase.waiting;
    } else if (isExecutingReason(reason)) {
      this.offsetByReason[index] = Phase.systemStack - Phase.waiting;
    }
  }
}
