import { UserError } from '../base/errors.js';
import type { GoExecutable } from '../goexe/go-executable.js';

/** Events after which the offsets are taken as proven. */
const ENOUGH = 200;
/** A goroutine may be scanned or change while the probe reads: measured below 0.1 %. */
const TOLERATED_SHARE = 0.01;

/**
 * Proves the offsets on the first events of the target itself: the state in memory must be the one that the runtime
 * passes as `old`, and a goroutine must keep its id. Wrong offsets read zeros or garbage without any error.
 */
export class LiveCheck {
  #proven = false;

  /** @throws UserError when what was read contradicts the runtime's own arguments */
  check(counts: { events: number; mismatched: number; unstable: number }, exe: GoExecutable): void {
    if (this.#proven || counts.events === 0) return;
    const wrong = Math.max(counts.mismatched, counts.unstable);
    if (wrong > Math.max(1, counts.events * TOLERATED_SHARE)) throw refusal(counts, exe);
    this.#proven = counts.events >= ENOUGH;
  }
}

function refusal(counts: { events: number; mismatched: number; unstable: number }, exe: GoExecutable): UserError {
  const status = exe.layout['g.atomicstatus'];
  const goid = exe.layout['g.goid'];
  return new UserError(
    `live check of ${exe.goVersion.text}: in ${counts.mismatched} of ${counts.events} events the state at ` +
      `g+${status.offset} (${status.source}) was not the one that the runtime passed, and ${counts.unstable} goroutines ` +
      `changed their id at g+${goid.offset} (${goid.source}); these offsets are wrong for this program, so nothing was recorded`,
  );
}
