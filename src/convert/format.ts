/**
 * What a converter is: `gotape convert --to NAME`. A conversion reads the trace once; spans and segments come to the
 * format's writer in order, and memory depends on the number of goroutines, never on the length of the trace.
 */
import type { GoroutineState } from '../model/goroutine-state.js';
import type { GoroutineDirectory, SpanSink } from '../model/span-sink.js';
import type { TraceSegment, TraceSource } from '../model/trace-segment.js';
import type { ByteSink } from './byte-sink.js';

export interface ConvertFormat {
  /** What `--to` says. */
  readonly name: string;
  /** One line for `--list`. */
  readonly title: string;
  /** Which viewers and tools open it. */
  readonly opens: string;
  /** Of the file (or folder) when no name is given: `.json.gz`. */
  readonly extension: string;
  /** Options that it has besides `--tracks` and `--layout`; the command line refuses others. */
  readonly options?: readonly ('splitBytes' | 'table' | 'partition')[];
  /** What `--layout` may be; absent where there is no choice. */
  readonly layouts?: readonly string[];
  /** What `--tracks` may name; absent where there is no choice. */
  readonly tracks?: readonly TrackChoice[];
  /** True when it writes a folder of files rather than one file. */
  readonly writesFolder?: (options: ConvertOptions) => boolean;
  /** Begins a conversion. May read `context.source` to plan; the pass that is converted comes after. */
  open(context: ConvertContext): Promise<SpanWriter>;
}

export interface ConvertContext {
  /** The trace, or the part of it that is converted (`facts.window`). */
  readonly source: TraceSource;
  /** Who the goroutines of spans are; filled while the trace is replayed. */
  readonly goroutines: GoroutineDirectory;
  readonly output: ConvertOutput;
  readonly options: ConvertOptions;
  /**
   * Replays the trace before it is converted, for a format that must know what comes. Resolves to who the goroutines are;
   * they have the same numbers as in the pass that is converted.
   */
  readonly replay: (sink: PlanSink) => Promise<GoroutineDirectory>;
  /** What replay knows of a goroutine at the end of the segment at hand; undefined before its first event. */
  readonly stateOf: (goroutine: number) => GoroutineState | undefined;
}

/** Takes what a {@link SpanWriter} will take. */
export type PlanSink = SpanSink & Pick<SpanWriter, 'segment'>;

/** What the user chose; a format ignores what it does not have. */
export interface ConvertOptions {
  /** `--layout`; undefined is the format's own choice. */
  readonly layout?: string | undefined;
  /** `--tracks`: only these parts; undefined is all of them. */
  readonly tracks?: ReadonlySet<TrackChoice> | undefined;
  /** `--split`: begin another file when one has so many bytes, before compression. */
  readonly splitBytes?: number | undefined;
  /** `--table`: only this one. */
  readonly table?: string | undefined;
  /** `--partition`: folders `KEY=VALUE/…` for these keys, in this order. */
  readonly partition?: readonly string[] | undefined;
  /** What names of files in a folder begin with: the trace's own name. */
  readonly baseName?: string | undefined;
}

/** `threads` is what the operating system's threads did. */
export const TRACK_CHOICES = ['goroutines', 'threads', 'counters', 'flows'] as const;
export type TrackChoice = (typeof TRACK_CHOICES)[number];

export interface ConvertOutput {
  /**
   * Opens the file that `-o` names (or stdout). With a name: that file in the folder; of an output that is one file,
   * another beside it, `app.json.gz` → `app.NAME.json.gz`.
   */
  create(name?: string): Promise<OutputSink>;
}

export interface OutputSink extends ByteSink {
  /** Nothing follows. */
  close(): Promise<void>;
}

/** Takes spans, already clipped to the window. */
export interface SpanWriter extends SpanSink {
  /** A segment, before its rows are replayed into spans. Its columns are valid until the next one. */
  segment(segment: TraceSegment): void;
  /** After each segment: resolves when what was written before the previous call has left memory. */
  drain(): Promise<void>;
  /** Writes the rest and closes its files. @throws Error when the audit finds a mismatch */
  finish(endNs: number): Promise<ConversionReport>;
}

/** What came in, what went out, and what was left out why. */
export interface ConversionReport {
  /** One line each, for people: `3 slices on 1 goroutines, …`. */
  summary(): string;
}
