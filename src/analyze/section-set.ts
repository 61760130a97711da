/** The sections of an analysis that were asked for: what collects them, and what comes out. */
import { NO_SYSCALL } from '../model/os-schedule.js';
import type { ReplayCounts } from '../model/span-sink.js';
import { syscallName } from '../model/syscall-names.js';
import type { Collector, CollectorInput } from './collector.js';
import { OsTime } from './os-time.js';
import { BlockTimes } from './sections/block-times.js';
import { CallTimes } from './sections/call-times.js';
import { Churn } from './sections/churn.js';
import { CpuTimes } from './sections/cpu-times.js';
import { FunctionTimes } from './sections/function-times.js';
import { GcTimes } from './sections/gc-times.js';
import { HogTimes } from './sections/hog-times.js';
import { LatencyTimes } from './sections/latency-times.js';
import { ReasonTimes } from './sections/reason-times.js';
import { SyscallTimes } from './sections/syscall-times.js';
import { WaitChains } from './sections/wait-chains.js';
import { WakeGraph } from './sections/wake-graph.js';
import type { AnalysisSections, Grouping, OsSection, SectionName } from './sections.js';
import { topOf } from './top-of.js';

export const NO_SECTIONS: AnalysisSections = {
  functions: null,
  block: null,
  latency: null,
  syscalls: null,
  gc: null,
  cpu: null,
  wakes: null,
  chains: null,
  hogs: null,
  churn: null,
  calls: null,
  os: null,
};

/** What is known only when all is read. */
export interface SectionFacts {
  readonly durationNs: number;
  readonly counts: ReplayCounts;
  readonly isCounted: (goroutine: number) => boolean;
}

type Result = (facts: SectionFacts) => Partial<AnalysisSections>;

interface Made {
  readonly collector: Collector;
  readonly result: Result;
}

export class SectionSet {
  readonly collectors: readonly Collector[];
  readonly #results: readonly Result[];

  constructor(names: ReadonlySet<SectionName>, groupBy: Grouping, input: CollectorInput) {
    const made = [...names].map((name) => MAKERS[name](input, groupBy));
    this.collectors = made.map(({ collector }) => collector);
    this.#results = made.map(({ result }) => result);
  }

  result(facts: SectionFacts): AnalysisSections {
    return Object.assign({ ...NO_SECTIONS }, ...this.#results.map((result) => result(facts)));
  }
}

function madeOf<C extends Collector>(
  collector: C,
  result: (collector: C, facts: SectionFacts) => Partial<AnalysisSections>,
): Made {
  return { collector, result: (facts) => result(collector, facts) };
}

const MAKERS: Readonly<Record<SectionName, (input: CollectorInput, groupBy: Grouping) => Made>> = {
  functions: (input, groupBy) =>
    groupBy === 'reason'
      ? madeOf(new ReasonTimes(input), (times) => ({ functions: times.result() }))
      : madeOf(new FunctionTimes(input, groupBy), (times, { isCounted }) => ({ functions: times.result(isCounted) })),
  block: (input) => madeOf(new BlockTimes(input), (times) => ({ block: times.result() })),
  latency: (input) => madeOf(new LatencyTimes(input), (times) => ({ latency: times.result() })),
  syscalls: (input) =>
    madeOf(new SyscallTimes(input), (times, { counts }) => ({ syscalls: times.result(counts.syscallExitsWithoutP) })),
  gc: (input) => madeOf(new GcTimes(input), (times) => ({ gc: times.result() })),
  cpu: (input) => madeOf(new CpuTimes(input), (times, { durationNs }) => ({ cpu: times.result(durationNs) })),
  wakes: (input) => madeOf(new WakeGraph(input), (graph) => ({ wakes: graph.result() })),
  chains: (input) => madeOf(new WaitChains(input), (chains) => ({ chains: chains.result() })),
  hogs: (input) => madeOf(new HogTimes(input), (times) => ({ hogs: times.result() })),
  churn: (input) => madeOf(new Churn(input), (churn, { durationNs }) => ({ churn: churn.result(durationNs) })),
  calls: (input) => madeOf(new CallTimes(input), (times) => ({ calls: times.result() })),
  os: (input) => {
    const osTime = new OsTime(input.goroutines, input.window);
    // It cuts spans at the window's borders itself, and so wants them whole: see SectionAnalyzer.
    const collector: Collector = {
      segment: (segment) => osTime.segment(segment),
      wholeSpan: (span) => osTime.span(span),
    };
    return { collector, result: () => ({ os: osTime.hasSchedule ? osSection(osTime, input) : null }) };
  },
};

function osSection(osTime: OsTime, { facts, top }: CollectorInput): OsSection {
  const { execution, syscalls, bySyscall } = osTime.result();
  const arch = facts.targets[0]?.arch ?? '';
  const { list, omitted } = topOf(bySyscall, top);
  const named = list.map((times) => ({
    name: times.number === NO_SYSCALL ? '' : syscallName(arch, times.number),
    ...times,
  }));
  return { execution, syscalls, bySyscall: named, omitted };
}
