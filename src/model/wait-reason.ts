/**
 * Wait reasons that do not mean blocking. The runtime marks a goroutine `waiting` while it executes on the system stack
 * (`casGToWaiting*` and its callers in `runtime/proc.go`, `runtime/mgc*.go`), so that the collector may scan its stack.
 * Such a goroutine leaves with waiting→running, never waiting→runnable.
 */
const executingReasons: ReadonlySet<string> = new Set([
  'GC assist marking',
  'GC worker (active)',
  'GC mark termination',
  'garbage collection',
  'garbage collection scan',
  'stopping the world',
  'flushing proc caches',
  'trace goroutine status',
  'trace proc status',
  'page trace flush',
  // Whoever writes a heap dump, while the world is stopped (debug.WriteHeapDump).
  'dumping heap',
  // Ours, for Go 1.19, where the reason in memory is stale in this case.
  'system stack',
]);

/** True when a goroutine that is `waiting` for this reason executes runtime code on the system stack. */
export function isExecutingReason(reason: string): boolean {
  return executingReasons.has(reason);
}

/** The reason that stands in `g.waitreason` of a goroutine that was stopped for a stack scan. */
export const PREEMPTED_REASON = 'preempted';
