import { NO_SYSCALL, type OsScheduleBatch, OsState, osStateName } from '../../model/os-schedule.js';
import { syscallName } from '../../model/syscall-names.js';
import type { TraceWindow } from '../../model/trace-window.js';
import type { PerfettoAudit } from './audit.js';
import { type Place, writeTrack } from './descriptors.js';
import { SIBLING_MERGE_NONE } from './fields.js';
import type { Parts } from './layout.js';
import type { Packets } from './packets.js';
import type { Programs } from './programs.js';
import { Category } from './slice-names.js';
import type { Uuids } from './uuids.js';

/** What a thread has done since its last change. */
interface Thread {
  readonly uuid: number;
  readonly pid: number;
  readonly tid: number;
  sinceNs: number;
  state: number;
  cpu: number;
  syscall: number;
}

const NAMES: Readonly<Record<number, string>> = { [OsState.onCpu]: 'on CPU' };
/** What Go calls architectures that the kernel calls otherwise. */
const GO_ARCHS: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };
const TIDS_PER_PID = 2 ** 32;

/** What the operating system did with the threads of the programs (`record --sched`): a track for each, a slice per change. */
export class OsThreads {
  readonly #packets: Packets;
  readonly #uuids: Uuids;
  readonly #audit: PerfettoAudit['osThreads'];
  readonly #threads = new Map<number, Thread>();
  readonly #category: number;
  readonly #cpu: number;
  readonly #syscall: number;
  readonly #names: readonly number[];
  readonly #arch: string;
  readonly #window: TraceWindow;

  /** @param arch of the recording host: its numbers of system calls */
  constructor({ packets, uuids, audit, window }: Parts, arch: string) {
    this.#window = window;
    this.#arch = GO_ARCHS[arch] ?? arch;
    this.#packets = packets;
    this.#uuids = uuids;
    this.#audit = audit.osThreads;
    this.#category = packets.category(Category.osThread);
    this.#cpu = packets.argName('cpu');
    this.#syscall = packets.argName('syscall');
    this.#names = Object.values(OsState).map((state) => packets.name(NAMES[state] ?? osStateName(state)));
  }

  get size(): number {
    return this.#threads.size;
  }

  add(batch: OsScheduleBatch): void {
    for (let row = 0; row < batch.length; row++) {
      const timeNs = batch.timeNs[row]!;
      const thread = this.#of(batch.pid[row]!, batch.tid[row]!);
      this.#close(thread, timeNs);
      thread.sinceNs = Math.max(timeNs, thread.sinceNs);
      thread.state = batch.state[row]!;
      thread.cpu = batch.cpu[row]!;
      thread.syscall = batch.syscall[row]!;
      this.#audit.changes++;
      if (thread.state === OsState.exited) this.#audit.exits++;
    }
  }

  /** Writes what goes on to the end of the trace, and describes the tracks. */
  finish(endNs: number, programs: Programs, place: Place): void {
    if (this.size === 0) return;
    const group = this.#uuids.next();
    writeTrack(this.#packets.out, { uuid: group, name: 'OS threads', ordered: true, ...place });
    for (const thread of this.#threads.values()) {
      const { uuid, pid, tid } = thread;
      this.#close(thread, endNs);
      const name = `${programs.prefix(programs.of(pid))}thread ${tid}`;
      const rank = Math.min(tid, 0x7fffffff);
      writeTrack(this.#packets.out, { uuid, name, parent: group, rank, merge: SIBLING_MERGE_NONE });
    }
  }

  #of(pid: number, tid: number): Thread {
    const key = pid * TIDS_PER_PID + tid;
    const known = this.#threads.get(key);
    if (known !== undefined) return known;
    const state = OsState.exited;
    const thread = { uuid: this.#uuids.next(), pid, tid, sinceNs: 0, state, cpu: 0, syscall: NO_SYSCALL };
    this.#threads.set(key, thread);
    return thread;
  }

  /** What it did up to now, as much of it as is within the window. */
  #close(thread: Thread, timeNs: number): void {
    const { uuid, state, cpu, syscall } = thread;
    if (state === OsState.exited) return;
    const sinceNs = Math.max(thread.sinceNs, this.#window.fromNs);
    const endNs = Math.min(Math.max(timeNs, thread.sinceNs), this.#window.toNs);
    if (endNs < sinceNs) {
      this.#audit.outside++;
      return;
    }
    const packets = this.#packets;
    const isIn = state !== OsState.onCpu && syscall !== NO_SYSCALL;
    const call = isIn ? packets.argText(syscallName(this.#arch, syscall)) : undefined;
    packets.sliceBegin(sinceNs, uuid, this.#category, this.#names[state] ?? this.#names[OsState.other]!);
    if (state === OsState.onCpu) packets.argUint(this.#cpu, cpu);
    if (call !== undefined) packets.argIid(this.#syscall, call);
    packets.end();
    packets.sliceEnd(endNs, uuid);
    packets.end();
    this.#audit.slices++;
  }
}
