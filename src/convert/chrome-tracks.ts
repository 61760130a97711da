/** Which track of a Chrome trace shows what. Everything about layout is here. */
import type { GoroutineDirectory } from '../model/span-sink.js';
import type { TargetFact } from '../model/trace-facts.js';
import { placeOf } from './chrome-events.js';
import { type ChromePlan, functionKey } from './chrome-plan.js';
import type { FunctionLabel, GoroutineTrack, Group, ProgramTracks, TrackNames } from './chrome-track.js';
import { jsonText } from './json-bytes.js';
import { LanePool } from './lane-pool.js';
import { StateCounts } from './state-counts.js';
import { FIRST_P_TID, GoroutineTids, goroutineBase, LOST_TID, NO_GOROUTINES_BASE } from './track-ids.js';

/** Chrome pids of start functions begin here: above the goids of most runtime goroutines (see `GoroutineTids`). */
const FIRST_FUNCTION_PID = 1001;

/** A million goroutines have 100 MB of names: they must not pile up. */
const NAMES_PER_DRAIN = 10_000;

export class ChromeTracks {
  readonly #goroutines: GoroutineDirectory;
  readonly #plan: ChromePlan;
  readonly #targets: readonly TargetFact[];
  readonly #sliceHead: (name: string) => Uint8Array;
  readonly #tracks: (GoroutineTrack | undefined)[] = [];
  readonly #programByPid = new Map<number, ProgramTracks>();
  readonly #groupByKey = new Map<string, Group>();
  readonly #labelByName = new Map<string, FunctionLabel>();
  #nextPid = 1;

  constructor(
    targets: readonly TargetFact[],
    goroutines: GoroutineDirectory,
    plan: ChromePlan,
    sliceHead: (name: string) => Uint8Array,
  ) {
    this.#targets = targets;
    this.#goroutines = goroutines;
    this.#plan = plan;
    this.#sliceHead = sliceHead;
    for (const { pid } of targets) if (pid !== 0) this.#programOf(pid);
  }

  get programs(): Iterable<ProgramTracks> {
    return this.#programByPid.values();
  }

  /** The program that stands for the whole trace: losses are not known by program. */
  get firstProgram(): ProgramTracks {
    for (const program of this.programs) return program;
    return this.#programOf(0);
  }

  /** A goroutine begins to live. */
  enterLane(track: GoroutineTrack, timeNs: number): void {
    const { lanes, lanePlaces, pid } = track.group;
    if (lanes === undefined) return;
    const lane = lanes.take(timeNs);
    lanePlaces[lane] ??= placeOf(pid, laneTid(pid, lane));
    track.lane = lane;
    track.place = lanePlaces[lane];
  }

  /** The track of a goroutine that is shown already. */
  find(realPid: number, goid: number): GoroutineTrack | undefined {
    return this.#programByPid.get(realPid)?.trackByGoid.get(goid);
  }

  /** Track of a goroutine; chosen when it is first asked for. */
  of(goroutine: number): GoroutineTrack {
    return this.#tracks[goroutine] ?? this.#place(goroutine);
  }

  /** Names everything that was shown. At the end: how many goroutines a function has is known only then. */
  async nameAll(names: TrackNames, lostTracks: number): Promise<void> {
    let rank = 0;
    for (const program of this.programs) {
      names.process(program.pid, this.#programLabel(program), rank++);
      Object.keys(program.pEndNs).forEach((p) => {
        names.thread(program.pid, FIRST_P_TID + Number(p), `P${p}`);
      });
      names.thread(program.pid, lifecycleTid(program), 'created and exited');
    }
    for (let i = 0; i < lostTracks; i++) names.thread(this.firstProgram.pid, LOST_TID + i, 'lost events');
    if (this.#plan.layout === 'by function') {
      for (const group of this.#groupByKey.values()) names.process(group.pid, this.#groupLabel(group), rank++);
    }
    for (const { pid, lanes } of this.#groupByKey.values()) {
      for (let lane = 0; lane < (lanes?.count ?? 0); lane++) names.thread(pid, laneTid(pid, lane), 'lane');
    }
    for (const [i, track] of this.#tracks.entries()) {
      if (track && track.group.lanes === undefined) names.thread(track.pid, track.tid, this.#threadName(track));
      if (i % NAMES_PER_DRAIN === 0) await names.drain();
    }
  }

  /** Tracks of goroutines: their own ones, and lanes. */
  get goroutineTracks(): number {
    let tracks = 0;
    for (const { lanes, goroutines } of this.#groupByKey.values()) tracks += lanes?.count ?? goroutines;
    return tracks;
  }

  /** Perfetto shows the thread's number behind its name: `G 17`. */
  #threadName(track: GoroutineTrack): string {
    if (this.#plan.layout === 'by program') return trackName(track);
    return track.renumbered ? `G${track.goid}` : 'G';
  }

  /** The name of a program's file, or its process id. */
  programName(realPid: number): string {
    return programName(this.#targets, realPid);
  }

  #programLabel(program: ProgramTracks): string {
    return this.#plan.layout === 'by function' ? `Ps of ${program.name}` : program.name;
  }

  #groupLabel({ program, title, goroutines }: Group): string {
    const prefix = this.#programByPid.size > 1 ? `${program.name}: ` : '';
    return `${prefix}${title} ×${goroutines}`;
  }

  #place(goroutine: number): GoroutineTrack {
    const goid = this.#goroutines.goidOf(goroutine);
    const realPid = this.#goroutines.pidOf(goroutine);
    const program = this.#programOf(realPid);
    const startFunction = this.#label(this.#goroutines.infoOf(goroutine)?.startFunction ?? '');
    const group = this.#groupOf(program, realPid, startFunction.name);
    const tid = group.lanes === undefined ? group.tids.claim(goid) : 0;
    const base = this.#plan.layout === 'by function' ? 0 : program.base;
    const track: GoroutineTrack = {
      goid,
      pid: group.pid,
      tid,
      lane: 0,
      place: placeOf(group.pid, tid),
      renumbered: group.lanes === undefined && tid !== base + goid,
      startFunction,
      label: jsonText(startFunction.name ? `${goid} ${startFunction.name}` : String(goid)),
      pSliceHead: startFunction.sliceHead ?? this.#sliceHead(`G${goid}`),
      program,
      group,
      borders: this.#plan.calls.of(realPid, goid),
      bornNs: 0,
      diedNs: 0,
      lastEndNs: 0,
      arrows: undefined,
    };
    group.goroutines++;
    this.#tracks[goroutine] = track;
    program.trackByGoid.set(goid, track);
    return track;
  }

  #groupOf(program: ProgramTracks, realPid: number, startFunction: string): Group {
    const { layout, ownTracks, ownProcess } = this.#plan;
    if (layout === 'by program') return this.#group(`${program.pid}`, program, { pid: program.pid, title: '' });
    const key = functionKey(realPid, startFunction);
    // Goroutines of which the trace says nothing were not counted either: there may be any number of them.
    if (ownTracks.has(key) && startFunction) return this.#group(key, program, { title: startFunction });
    const title = startFunction || 'start function unknown';
    if (ownProcess.has(key) || !startFunction) return this.#group(key, program, { title, lanes: true });
    return this.#group(`${program.pid}, others`, program, { title: 'other functions', lanes: true });
  }

  #group(
    key: string,
    program: ProgramTracks,
    { pid, title, lanes = false }: { readonly pid?: number; readonly title: string; readonly lanes?: boolean },
  ): Group {
    const known = this.#groupByKey.get(key);
    if (known) return known;
    const ownPid = pid ?? this.#functionPid();
    const tids = new GoroutineTids(pid === undefined ? 0 : program.base, ownPid);
    const group = {
      pid: ownPid,
      program,
      title,
      tids,
      lanes: lanes ? new LanePool() : undefined,
      lanePlaces: [],
      goroutines: 0,
    };
    this.#groupByKey.set(key, group);
    return group;
  }

  #functionPid(): number {
    this.#nextPid = Math.max(this.#nextPid, FIRST_FUNCTION_PID);
    return this.#nextPid++;
  }

  #programOf(realPid: number): ProgramTracks {
    const known = this.#programByPid.get(realPid);
    if (known) return known;
    const base = this.#plan.layout === 'by function' ? NO_GOROUTINES_BASE : planBase(this.#plan);
    // The real pid where none of its tracks has that number, else a small one.
    const pid = this.#plan.layout === 'by program' && realPid >= 3 * base ? realPid : this.#nextPid++;
    const name = programName(this.#targets, realPid);
    const program = { pid, name, base, counts: new StateCounts(), trackByGoid: new Map(), pEndNs: [], pPlaces: [] };
    this.#programByPid.set(realPid, program);
    return program;
  }

  #label(name: string): FunctionLabel {
    let label = this.#labelByName.get(name);
    if (!label) {
      label = { name, sliceHead: name ? this.#sliceHead(name) : undefined };
      this.#labelByName.set(name, label);
    }
    return label;
  }
}

/** A thread with its process' number would be its "main thread". */
export function laneTid(pid: number, lane: number): number {
  return lane + 1 < pid ? lane + 1 : lane + 2;
}

export function lifecycleTid(program: ProgramTracks): number {
  return program.base - 1;
}

/** `G17 main.worker` */
export function trackName(track: GoroutineTrack): string {
  return track.startFunction.name ? `G${track.goid} ${track.startFunction.name}` : `G${track.goid}`;
}

function programName(targets: readonly TargetFact[], realPid: number): string {
  const target = targets.find(({ pid }) => pid === realPid);
  // A target of pid 0 is every process of an executable.
  const { executable = '' } = target ?? targets.find(({ pid }) => pid === 0) ?? {};
  const file = executable.split('/').at(-1);
  if (!file) return `pid ${realPid}`;
  return target ? file : `${file} (pid ${realPid})`;
}

function planBase(plan: ChromePlan): number {
  return plan.layout === 'by program' ? goroutineBase(plan.maxGoid, plan.maxP) : 0;
}
