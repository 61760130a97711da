/** What the operating system did with the program's threads (`record --sched`): a process of its own, a track per thread. */
import { NO_SYSCALL, type OsScheduleBatch, OsState, osStateName } from '../model/os-schedule.js';
import { Level, numberKey, type Place, placeOf } from './chrome-events.js';
import type { ChromeParts } from './chrome-parts.js';
import type { TrackNames } from './chrome-track.js';
import type { ChromeTracks } from './chrome-tracks.js';
import { Category, sliceHead } from './slice-heads.js';

const CPU = numberKey('cpu');
const SYSCALL = numberKey('syscall');
/** Above those of start functions: threads come last. */
const FIRST_PID = 900_001;

interface Thread {
  readonly pid: number;
  readonly tid: number;
  readonly place: Place;
  state: number;
  sinceNs: number;
  cpu: number;
  syscall: number;
}

export class ChromeThreads {
  readonly #parts: ChromeParts;
  readonly #threads = new Map<number, Thread>();
  readonly #pids = new Map<number, number>();
  readonly #heads = Object.values(OsState).map((state) => sliceHead(Category.thread, osStateName(state)));

  constructor(parts: ChromeParts) {
    this.#parts = parts;
  }

  batch({ length, timeNs, pid, tid, cpu, state, syscall }: OsScheduleBatch): void {
    for (let row = 0; row < length; row++) {
      // Thread ids are unique in the system, whatever their process.
      const thread = this.#threads.get(tid[row]!) ?? this.#add(pid[row]!, tid[row]!);
      this.#end(thread, timeNs[row]!);
      thread.state = state[row]!;
      thread.sinceNs = Math.max(thread.sinceNs, timeNs[row]!);
      thread.cpu = cpu[row]!;
      thread.syscall = syscall[row]!;
    }
  }

  /** Each thread is what it was last until the end. */
  finish(endNs: number): void {
    for (const thread of this.#threads.values()) this.#end(thread, endNs);
  }

  nameAll(names: TrackNames, tracks: ChromeTracks): void {
    for (const [realPid, pid] of this.#pids) names.process(pid, `OS threads of ${tracks.programName(realPid)}`, pid);
    for (const { pid, tid } of this.#threads.values()) names.thread(pid, tid, 'thread');
  }

  #add(realPid: number, tid: number): Thread {
    const pid = this.#pids.get(realPid) ?? FIRST_PID + this.#pids.size;
    this.#pids.set(realPid, pid);
    const thread = {
      pid,
      tid,
      place: placeOf(pid, tid),
      state: OsState.exited,
      sinceNs: 0,
      cpu: 0,
      syscall: NO_SYSCALL,
    };
    this.#threads.set(tid, thread);
    return thread;
  }

  #end({ place, state, sinceNs, cpu, syscall }: Thread, timeNs: number): void {
    if (state === OsState.exited || timeNs <= sinceNs) return;
    for (const [events, from, to] of this.#parts.pieces(sinceNs, timeNs)) {
      events.slice(this.#heads[state] ?? this.#heads[OsState.other]!, place, from, to, Level.outer);
      events.argNumber(CPU, cpu);
      if (syscall !== NO_SYSCALL) events.argNumber(SYSCALL, syscall);
      events.end();
    }
  }
}
