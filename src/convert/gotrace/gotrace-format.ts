import type { ConvertContext, ConvertFormat } from '../format.js';
import { GotraceAudit } from './gotrace-audit.js';
import { GotracePlan } from './gotrace-plan.js';
import { GotraceWriter } from './gotrace-writer.js';
import { ProcessTrace } from './process-trace.js';

/** Readers hold times as float64: later ones are rounded. */
const LAST_EXACT_NS = BigInt(Number.MAX_SAFE_INTEGER);
/** For viewers, 0 is no time. */
const FIRST_NS = 1_000_000n;

export const gotraceFormat: ConvertFormat = {
  name: 'gotrace',
  title: "Go's own execution trace; a file for each process",
  opens: 'go tool trace, gotraceui, whatever reads golang.org/x/exp/trace (Go 1.23 or later)',
  extension: '.trace',
  async open(context) {
    const { source, replay, stateOf } = context;
    const plan = new GotracePlan(source.reasons);
    const goroutines = await replay(plan);
    const audit = new GotraceAudit();
    const traces = await openTraces(context, plan, audit);
    const { reasons, facts } = source;
    return new GotraceWriter({ plan, goroutines, stateOf, reasons, window: facts.window, traces, audit });
  },
};

/** Go's format knows no processes: each gets a file, the only one that of the name asked for. */
async function openTraces({ source, output }: ConvertContext, plan: GotracePlan, audit: GotraceAudit) {
  const { reasons, facts } = source;
  const common = { stacks: plan.stacks, reasons, audit, epochNs: epochOf(source), fromNs: facts.window?.fromNs ?? 0 };
  const traces = new Map<number, ProcessTrace>();
  const threads = plan.tidByPid.size > 0 ? plan.tidByPid : new Map([[0, 0]]);
  for (const [pid, tid] of threads) {
    const sink = await output.create(threads.size === 1 ? undefined : `pid-${pid}`);
    traces.set(pid, new ProcessTrace({ ...common, sink, tid }));
    audit.pids.push(pid);
  }
  return traces;
}

/** CLOCK_MONOTONIC, as Go's own traces have it, while that is exact. */
function epochOf({ facts, endNs }: ConvertContext['source']): bigint {
  const monotonicNs = BigInt(facts.start.monotonicNs);
  const isExact = monotonicNs + BigInt(Math.min(endNs, Number.MAX_SAFE_INTEGER)) < LAST_EXACT_NS;
  return isExact && monotonicNs >= FIRST_NS ? monotonicNs : FIRST_NS;
}
