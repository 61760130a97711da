/** The traced programs, and the start functions of their goroutines: the groups that a trace's tracks are in. */
import type { GoroutineDirectory } from '../../model/span-sink.js';
import type { TargetFact } from '../../model/trace-facts.js';
import { StateCounts } from '../state-counts.js';
import { Lanes, type MakeLane } from './lanes.js';

/** More would be a list that nobody reads; their goroutines share one group. */
const MAX_FUNCTIONS = 1000;
const OTHER_FUNCTIONS = 'other start functions';

export interface Program {
  /** In order of appearance, from 0. */
  readonly index: number;
  readonly pid: number;
  readonly name: string;
  readonly counts: StateCounts;
  readonly goroutineByGoid: Map<number, number>;
}

/** A start function. */
export interface Group {
  /** In order of appearance, from 0. */
  readonly index: number;
  readonly program: Program;
  readonly startFunction: string;
  readonly lanes: Lanes;
  goroutines: number;
  runningNs: number;
}

export class Programs {
  readonly groups: Group[] = [];
  readonly #targets: readonly TargetFact[];
  readonly #goroutines: GoroutineDirectory;
  readonly #makeLane: (group: Group) => MakeLane;
  readonly #programByPid = new Map<number, Program>();
  readonly #groupByKey = new Map<string, Group>();

  constructor(targets: readonly TargetFact[], goroutines: GoroutineDirectory, makeLane: (group: Group) => MakeLane) {
    this.#targets = targets;
    this.#goroutines = goroutines;
    this.#makeLane = makeLane;
  }

  get all(): Iterable<Program> {
    return this.#programByPid.values();
  }

  get size(): number {
    return this.#programByPid.size;
  }

  groupOf(goroutine: number): Group {
    const program = this.of(this.#goroutines.pidOf(goroutine));
    const known = this.#goroutines.infoOf(goroutine)?.startFunction || 'start function unknown';
    const startFunction = this.groups.length < MAX_FUNCTIONS ? known : OTHER_FUNCTIONS;
    return (
      this.#groupByKey.get(`${program.pid} ${known}`) ??
      this.#groupByKey.get(`${program.pid} ${startFunction}`) ??
      this.#newGroup(program, startFunction)
    );
  }

  of(pid: number): Program {
    return this.#programByPid.get(pid) ?? this.#newProgram(pid);
  }

  /** With several programs their names stand before everything of theirs. */
  prefix({ name }: Program): string {
    return this.size > 1 ? `${name}: ` : '';
  }

  #newProgram(pid: number): Program {
    const index = this.#programByPid.size;
    const name = programName(this.#targets, pid);
    const program = { index, pid, name, counts: new StateCounts(), goroutineByGoid: new Map<number, number>() };
    this.#programByPid.set(pid, program);
    return program;
  }

  #newGroup(program: Program, startFunction: string): Group {
    const index = this.groups.length;
    const makeLane: MakeLane = (...args) => this.#makeLane(group)(...args);
    const group = { index, program, startFunction, lanes: new Lanes(makeLane), goroutines: 0, runningNs: 0 };
    this.groups.push(group);
    this.#groupByKey.set(`${program.pid} ${startFunction}`, group);
    return group;
  }
}

function programName(targets: readonly TargetFact[], pid: number): string {
  const target = targets.find((known) => known.pid === pid);
  // A target of pid 0 is every process of an executable.
  const { executable = '' } = target ?? targets.find((known) => known.pid === 0) ?? {};
  const file = executable.split('/').at(-1);
  if (!file) return `pid ${pid}`;
  return target && targets.length === 1 ? file : `${file} (pid ${pid})`;
}
