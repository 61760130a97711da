import { writeProcess, writeThread, writeThreadTrack } from './descriptors.js';
import { type Lane, laneName, type MakeLane } from './lanes.js';
import type { Packets } from './packets.js';
import type { Group } from './programs.js';
import { ThreadIds } from './thread-ids.js';
import type { Uuids } from './uuids.js';

/** Makes the threads of start functions. */
export class NativeThreads {
  readonly #packets: Packets;
  readonly #uuids: Uuids;
  readonly #startNs: number;
  readonly #ids = new ThreadIds();
  readonly #pids: number[] = [];

  /** @param startNs of what is converted: names hold from there on */
  constructor(packets: Packets, uuids: Uuids, startNs: number) {
    this.#startNs = startNs;
    this.#packets = packets;
    this.#uuids = uuids;
  }

  /** In case that the file is cut off, threads have names from their beginning. */
  readonly makeLane = (group: Group): MakeLane => {
    const pid = this.pidOf(group);
    return (index, firstGoid) => {
      const lane: Lane = {
        uuid: this.#uuids.next(),
        tid: this.#ids.tidOf(firstGoid),
        index,
        firstGoid,
        goroutines: 1,
        freeFromNs: Number.POSITIVE_INFINITY,
      };
      writeThread(this.#packets.out, this.#startNs, lane.tid, pid);
      writeThreadTrack(this.#packets.out, { uuid: lane.uuid, pid, tid: lane.tid, name: laneName(lane) });
      return lane;
    };
  };

  /** A later name replaces an earlier one. */
  name(pid: number, name: string): void {
    writeProcess(this.#packets.out, this.#startNs, pid, name);
  }

  pidOf({ index, startFunction }: Group): number {
    const known = this.#pids[index];
    if (known !== undefined) return known;
    const pid = this.#ids.nextPid();
    this.#pids[index] = pid;
    this.name(pid, startFunction);
    return pid;
  }
}
