/** What a track of a Chrome trace is. Which there are, and who is shown where, is decided in `chrome-tracks.ts`. */
import type { Borders } from './call-borders.js';
import type { Place } from './chrome-events.js';
import type { Arrow } from './chrome-flows.js';
import type { LanePool } from './lane-pool.js';
import type { StateCounts } from './state-counts.js';
import type { GoroutineTids } from './track-ids.js';

/** The track of one goroutine, with everything that its slices need. */
export interface GoroutineTrack {
  readonly goid: number;
  readonly pid: number;
  /** Its own; 0 where it lives in a lane. */
  readonly tid: number;
  /** The lane that it lives in. */
  lane: number;
  /** Where its slices are. */
  place: Place;
  /** True when the viewer's number does not end in the goid. */
  readonly renumbered: boolean;
  readonly startFunction: FunctionLabel;
  /** `17 main.worker`, as the inside of a JSON string. */
  readonly label: Uint8Array;
  /** Head of its slices on a P: the start function, or the goroutine's id where that is unknown. */
  readonly pSliceHead: Uint8Array;
  readonly program: ProgramTracks;
  readonly group: Group;
  /** Where its recorded calls begin and end, if it made some. */
  readonly borders: Borders | undefined;
  /** Its present life, or its last. */
  bornNs: number;
  diedNs: number;
  /** Up to where its time was handed over. */
  lastEndNs: number;
  /** To goroutines that it woke since. */
  arrows: Arrow[] | undefined;
}

export interface FunctionLabel {
  readonly name: string;
  /** Head of a P's slice; absent where the function is unknown. */
  readonly sliceHead: Uint8Array | undefined;
}

/** Tracks that belong to a traced program as a whole. */
export interface ProgramTracks {
  readonly pid: number;
  readonly name: string;
  readonly base: number;
  readonly counts: StateCounts;
  readonly trackByGoid: Map<number, GoroutineTrack>;
  /** End of the last slice on each P, by its id. */
  readonly pEndNs: number[];
  readonly pPlaces: Place[];
}

/** A Chrome process: what viewers show as one group of tracks. */
export interface Group {
  readonly pid: number;
  readonly program: ProgramTracks;
  readonly title: string;
  readonly tids: GoroutineTids;
  /** Of a group whose goroutines share tracks. */
  readonly lanes: LanePool | undefined;
  readonly lanePlaces: Place[];
  goroutines: number;
}

/** Writes the names of tracks. */
export interface TrackNames {
  /** Hands on what was written so far. */
  drain(): Promise<void>;
  process(pid: number, name: string, rank: number): void;
  thread(pid: number, tid: number, name: string): void;
}
