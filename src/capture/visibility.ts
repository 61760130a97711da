/** What a recording cannot show, in sentences for its header. */
import type { ProbeFact } from '../model/trace-facts.js';
import { SCHED_SWITCH } from './sched/sched-layout.js';

const WITHOUT: Readonly<Record<string, string>> = {
  'runtime.casGToPreemptScan':
    'goroutines that are stopped for a stack scan seem to run on: the change running→preempted is not seen',
  'runtime.casGFromPreempted':
    'goroutines that are stopped for a stack scan seem to be woken from nowhere: preempted→waiting is not seen',
  'runtime.reentersyscall': 'running may include system calls: their start is not seen',
  'runtime.exitsyscall': 'system calls seem to last until the next change of state: their end is not seen',
  'runtime.coroswitch_m': 'switches between the goroutines of iter.Pull are not seen',
  'runtime/pprof.runtime_setProfLabel': 'changes of pprof labels are not seen',
};

const WITHOUT_SCHEDULE = 'running includes the time in which the operating system gave the CPU to something else';

/** Every other reason is that this executable never reaches the function (probe-points.ts). */
const HIDES = ['failed: ', 'its function table does not name it'];

const ALWAYS = [
  'a system call that needs no scheduler (vDSO, RawSyscall) counts as running; cgo calls count as system calls',
];

export function invisibleIn(probes: readonly ProbeFact[]): string[] {
  const missing = probes.filter(({ attached, why }) => !attached && HIDES.some((cause) => why.includes(cause)));
  const hasSchedule = probes.some(({ symbol, attached }) => attached && symbol === SCHED_SWITCH);
  return [
    ...missing.flatMap((probe) => WITHOUT[probe.symbol] ?? []),
    ...(hasSchedule ? [] : [WITHOUT_SCHEDULE]),
    ...ALWAYS,
  ];
}
