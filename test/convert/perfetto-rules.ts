/**
 * Reads Perfetto traces as Perfetto's importer does, from schemas/perfetto.proto and without any code of the writer, and holds
 * them against the rules that the UI has: what breaks one would be dropped there, mostly without a word.
 */
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const schema = new protobuf.Root().loadSync(fileURLToPath(new URL('../../schemas/perfetto.proto', import.meta.url)), {
  keepCase: true,
});
export const perfettoSchema = schema;
const Trace = schema.lookupType('perfetto.protos.Trace');

export interface ImportedSlice {
  readonly track: number;
  readonly name: string;
  readonly category: string;
  readonly startNs: number;
  endNs: number;
  readonly depth: number;
  readonly args: Record<string, string | number>;
}

export interface ImportedState {
  readonly startNs: number;
  /** -1: it goes on to the end. */
  durNs: number;
  readonly state: string;
  readonly cpu: number;
}

export interface ImportedTrack {
  name: string;
  readonly parent: number;
  readonly isCounter: boolean;
  readonly thread?: { readonly pid: number; readonly tid: number };
}

export interface ImportedTrace {
  readonly tracks: Map<number, ImportedTrack>;
  readonly slices: ImportedSlice[];
  /** By thread. */
  readonly states: Map<number, ImportedState[]>;
  readonly processes: Map<number, string>;
  readonly pidByTid: Map<number, number>;
  readonly counters: Map<number, { readonly timeNs: number; readonly value: number }[]>;
  readonly instants: { readonly timeNs: number; readonly name: string }[];
  readonly flows: { readonly from: ImportedSlice; readonly to: ImportedSlice }[];
}

interface Packet {
  readonly timestamp?: number;
  readonly trusted_packet_sequence_id?: number;
  readonly incremental_state_cleared?: boolean;
  readonly track_event?: TrackEvent;
  readonly interned_data?: Record<string, { readonly iid: number; readonly name?: string; readonly str?: string }[]>;
  readonly track_descriptor?: {
    readonly uuid: number;
    readonly name?: string;
    readonly parent_uuid?: number;
    readonly counter?: object;
    readonly thread?: { readonly pid: number; readonly tid: number; readonly thread_name: string };
  };
  readonly generic_kernel_task_state_event?: {
    readonly cpu: number;
    readonly tid: number;
    readonly state: string;
    readonly prio: number;
  };
  readonly generic_kernel_process_tree?: {
    readonly processes?: { readonly pid: number; readonly cmdline: string }[];
    readonly threads?: { readonly pid: number; readonly tid: number }[];
  };
}

interface TrackEvent {
  readonly type: string;
  readonly track_uuid: number;
  readonly name?: string;
  readonly name_iid?: number;
  readonly category_iids?: number[];
  readonly counter_value?: number;
  readonly flow_ids?: number[];
  readonly terminating_flow_ids?: number[];
  readonly debug_annotations?: {
    readonly name_iid: number;
    readonly uint_value?: number;
    readonly string_value?: string;
    readonly string_value_iid?: number;
  }[];
}

/** The packets as plain objects, in the order of the file. @throws when the schema does not know a field */
export function decodePackets(bytes: Uint8Array): Packet[] {
  const message = Trace.decode(bytes);
  if (Buffer.compare(Trace.encode(message).finish(), bytes) === 0) return packetsOf(message);
  // Padding of lengths and order of fields may differ, contents may not.
  const again = Trace.decode(Trace.encode(message).finish());
  if (JSON.stringify(packetsOf(again)) !== JSON.stringify(packetsOf(message)))
    throw new Error('not as the schema says');
  return packetsOf(message);
}

function packetsOf(message: protobuf.Message): Packet[] {
  const object = Trace.toObject(message, { longs: Number, enums: String, bytes: String }) as { packet?: Packet[] };
  return object.packet ?? [];
}

/** @throws Error at the first rule that the trace breaks */
export function importPerfetto(bytes: Uint8Array): ImportedTrace {
  const importer = new Importer();
  const packets = decodePackets(bytes);
  // First what a tokenizer sees, in the order of the file; then events in order of time, equal times as they are in the file.
  const events = packets.flatMap((packet) => importer.tokenize(packet));
  const inTime = events.map((event, i) => ({ event, i })).sort((a, b) => a.event.timeNs - b.event.timeNs || a.i - b.i);
  for (const { event } of inTime) event.apply();
  return importer.finish();
}

interface TimedEvent {
  readonly timeNs: number;
  readonly apply: () => void;
}

class Importer {
  readonly #trace: ImportedTrace = {
    tracks: new Map(),
    slices: [],
    states: new Map(),
    processes: new Map(),
    pidByTid: new Map(),
    counters: new Map(),
    instants: [],
    flows: [],
  };
  readonly #interned = new Map<string, string>();
  readonly #open = new Map<number, ImportedSlice[]>();
  readonly #onCpu = new Map<number, number>();
  readonly #flowBegins = new Map<number, ImportedSlice>();
  readonly #flowEnds = new Set<number>();
  readonly #usedTracks = new Set<number>();

  tokenize(packet: Packet): TimedEvent[] {
    const { timestamp = 0, track_event, track_descriptor, interned_data } = packet;
    const tree = packet.generic_kernel_process_tree;
    const state = packet.generic_kernel_task_state_event;
    for (const [table, entries] of Object.entries(interned_data ?? {})) this.#intern(table, entries);
    if (track_descriptor !== undefined) this.#describe(track_descriptor);
    for (const { pid, cmdline } of tree?.processes ?? []) this.#trace.processes.set(pid, cmdline);
    for (const { pid, tid } of tree?.threads ?? []) this.#trace.pidByTid.set(tid, pid);
    if (state !== undefined) return [{ timeNs: timestamp, apply: () => this.#state(timestamp, state) }];
    if (track_event === undefined) return [];
    if (packet.trusted_packet_sequence_id !== 1) throw new Error('an event without its sequence');
    return [{ timeNs: timestamp, apply: this.#event(timestamp, track_event) }];
  }

  finish(): ImportedTrace {
    const { tracks, states, slices, pidByTid, processes } = this.#trace;
    const unended = slices.filter(({ endNs }) => Number.isNaN(endNs));
    if (unended.length > 0) throw new Error(`slices without an end: ${JSON.stringify(unended.slice(0, 3))}`);
    for (const uuid of this.#usedTracks) if (!tracks.has(uuid)) throw new Error(`track ${uuid} is not described`);
    for (const { parent } of tracks.values()) {
      if (parent !== 0 && !tracks.has(parent)) throw new Error(`parent ${parent} is not described`);
    }
    for (const tid of states.keys()) {
      const pid = pidByTid.get(tid);
      if (pid === undefined || !processes.has(pid)) throw new Error(`thread ${tid} has no process`);
    }
    for (const pid of processes.keys()) if (pid === 2) throw new Error('process 2 is the kernel to the UI');
    return this.#trace;
  }

  #intern(table: string, entries: readonly { iid: number; name?: string; str?: string }[]): void {
    for (const { iid, name, str } of entries) {
      const key = `${table} ${iid}`;
      if (iid === 0 || this.#interned.has(key)) throw new Error(`${key}: 0 or interned twice`);
      this.#interned.set(key, name ?? Buffer.from(str ?? '', 'base64').toString('utf8'));
    }
  }

  #text(table: string, iid: number): string {
    const text = this.#interned.get(`${table} ${iid}`);
    if (text === undefined) throw new Error(`${table} ${iid} is used before it is interned`);
    return text;
  }

  #describe({ uuid, name, parent_uuid, counter, thread }: NonNullable<Packet['track_descriptor']>): void {
    const known = this.#trace.tracks.get(uuid);
    if (known !== undefined) {
      if (known.thread === undefined) throw new Error(`track ${uuid} is described twice`);
      known.name = thread?.thread_name ?? '';
      return;
    }
    if (thread !== undefined && !(thread.tid > 0 && thread.tid < 2 ** 31)) throw new Error(`thread id ${thread.tid}`);
    this.#trace.tracks.set(uuid, {
      name: name ?? thread?.thread_name ?? '',
      parent: parent_uuid ?? 0,
      isCounter: counter !== undefined,
      ...(thread && { thread }),
    });
  }

  /** Names are looked up in the order of the file, effects are in order of time. */
  #event(timeNs: number, event: TrackEvent): () => void {
    const { type, track_uuid: track, flow_ids = [], terminating_flow_ids = [] } = event;
    this.#usedTracks.add(track);
    const args = this.#args(event);
    if (type === 'TYPE_COUNTER') {
      if (!this.#trace.tracks.get(track)?.isCounter)
        throw new Error(`counter ${track} is not described before its value`);
      return () => this.#counter(timeNs, track, event.counter_value ?? 0);
    }
    if (type === 'TYPE_SLICE_END') return () => this.#end(timeNs, track, args);
    const name = event.name ?? this.#text('event_names', event.name_iid ?? 0);
    const category = this.#text('event_categories', event.category_iids?.[0] ?? 0);
    if (type === 'TYPE_INSTANT') return () => void this.#trace.instants.push({ timeNs, name });
    return () => {
      const slice = this.#begin(timeNs, track, name, category, args);
      for (const id of flow_ids) this.#flowBegin(id, slice);
      for (const id of terminating_flow_ids) this.#flowEnd(id, slice);
    };
  }

  #args({ debug_annotations = [] }: TrackEvent): Record<string, string | number> {
    return Object.fromEntries(
      debug_annotations.map(({ name_iid, uint_value, string_value, string_value_iid }) => [
        this.#text('debug_annotation_names', name_iid),
        uint_value ?? string_value ?? this.#text('debug_annotation_string_values', string_value_iid ?? 0),
      ]),
    );
  }

  #begin(startNs: number, track: number, name: string, category: string, args: ImportedSlice['args']): ImportedSlice {
    const stack = this.#open.get(track) ?? [];
    const slice = { track, name, category, startNs, endNs: Number.NaN, depth: stack.length, args };
    stack.push(slice);
    this.#open.set(track, stack);
    this.#trace.slices.push(slice);
    return slice;
  }

  #end(endNs: number, track: number, args: ImportedSlice['args']): void {
    const slice = this.#open.get(track)?.pop();
    if (slice === undefined) throw new Error(`an end without a begin on track ${track} at ${endNs}`);
    slice.endNs = endNs;
    Object.assign(slice.args, args);
  }

  #counter(timeNs: number, track: number, value: number): void {
    const values = this.#trace.counters.get(track) ?? [];
    values.push({ timeNs, value });
    this.#trace.counters.set(track, values);
  }

  #flowBegin(id: number, slice: ImportedSlice): void {
    if (this.#flowBegins.has(id)) throw new Error(`flow ${id} begins twice`);
    this.#flowBegins.set(id, slice);
  }

  #flowEnd(id: number, to: ImportedSlice): void {
    if (this.#flowEnds.has(id)) throw new Error(`flow ${id} ends twice`);
    this.#flowEnds.add(id);
    const from = this.#flowBegins.get(id);
    if (from !== undefined) this.#trace.flows.push({ from, to });
  }

  #state(startNs: number, { cpu, tid, state, prio }: NonNullable<Packet['generic_kernel_task_state_event']>): void {
    if (prio < 100) throw new Error('a priority that the UI calls real-time');
    const name = state.replace('TASK_STATE_', '').toLowerCase();
    const states = this.#trace.states.get(tid) ?? [];
    const last = states.at(-1);
    if (last !== undefined) last.durNs = startNs - last.startNs;
    if (last?.state === 'running') {
      if (name === 'running') throw new Error(`thread ${tid} runs twice at ${startNs}`);
      if (last.cpu !== cpu) throw new Error(`thread ${tid} leaves CPU ${cpu}, but ran on ${last.cpu}`);
      this.#onCpu.delete(cpu);
    }
    if (name === 'running') {
      if (this.#onCpu.has(cpu))
        throw new Error(`CPU ${cpu} has threads ${this.#onCpu.get(cpu)} and ${tid} at ${startNs}`);
      if (cpu > 4095) throw new Error(`CPU ${cpu}`);
      this.#onCpu.set(cpu, tid);
    }
    states.push({ startNs, durNs: -1, state: name, cpu });
    this.#trace.states.set(tid, states);
  }
}

export interface Figure {
  readonly count: number;
  readonly ns: number;
}

/** Number and length of closed states, by name. */
export function statesByName({ states }: ImportedTrace): Record<string, Figure> {
  const closed = [...states.values()].flat().filter(({ durNs }) => durNs >= 0);
  return figures(closed.map(({ state, durNs }) => ({ key: state, ns: durNs })));
}

/** Number and length of slices, by category. */
export function slicesByCategory({ slices }: ImportedTrace): Record<string, Figure> {
  return figures(slices.map(({ category, startNs, endNs }) => ({ key: category, ns: endNs - startNs })));
}

function figures(items: readonly { readonly key: string; readonly ns: number }[]): Record<string, Figure> {
  const sums: Record<string, Figure> = {};
  for (const { key, ns } of items) {
    const { count, ns: sum } = sums[key] ?? { count: 0, ns: 0 };
    sums[key] = { count: count + 1, ns: sum + ns };
  }
  return sums;
}
