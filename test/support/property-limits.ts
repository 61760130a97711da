/**
 * Bounds what properties may take. They run on promises alone, without a turn of the event loop, so the test runner's
 * own time limit never comes to bear on one that shrinks a counterexample for hours.
 */
import fc from 'fast-check';

fc.configureGlobal({
  // What was found is what counts there; seed and path are printed, and shrink at home.
  endOnFailure: process.env['CI'] !== undefined,
  interruptAfterTimeLimit: 100_000,
  markInterruptAsFailure: true,
});
