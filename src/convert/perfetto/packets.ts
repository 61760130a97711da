/**
 * The packets of a Perfetto trace that gotape writes. They need not be in order of time; packets of equal time keep their order,
 * so what happened first is written first. All belong to one sequence, whose names are interned: each is written once.
 */
import type { OutputSink } from '../format.js';
import { Spool } from '../spool.js';
import { EventType, Tag } from './fields.js';
import { openPacket, shown, writeSequence } from './packet-parts.js';
import { ProtoBytes, textRoom } from './proto-bytes.js';

/** As Linux has for ordinary threads: anything below 100 is shown as "RT". */
const PRIORITY = 120;
const { TracePacket, TrackEvent, DebugAnnotation, GenericKernelTaskStateEvent, InternedData, EventName } = Tag;

/** Texts of one table of `InternedData`. */
class Interned {
  readonly #iidByText = new Map<string, number>();
  readonly tag: number;
  #iids = 0;

  constructor(tag: number) {
    this.tag = tag;
  }

  known(text: string): number | undefined {
    return this.#iidByText.get(text);
  }

  add(text: string): number {
    const iid = this.nextIid();
    this.#iidByText.set(text, iid);
    return iid;
  }

  nextIid(): number {
    return ++this.#iids;
  }
}

export class Packets {
  readonly #sink: OutputSink;
  readonly #spool: Spool<ProtoBytes>;
  readonly #names = new Interned(InternedData.event_names);
  readonly #categories = new Interned(InternedData.event_categories);
  readonly #argNames = new Interned(InternedData.debug_annotation_names);
  readonly #texts = new Interned(InternedData.debug_annotation_string_values);
  #out: ProtoBytes;
  #packetAt = 0;
  #eventAt = 0;

  constructor(sink: OutputSink) {
    this.#sink = sink;
    this.#spool = new Spool(sink, (bytes) => new ProtoBytes(bytes));
    this.#out = this.#spool.out;
    const packet = openPacket(this.#out, 0);
    writeSequence(this.#out);
    this.#out.tag2(TracePacket.incremental_state_cleared);
    this.#out.byte(1);
    this.#out.close(packet);
  }

  /** For packets between events: descriptors.ts. Changes with every {@link drain}. */
  get out(): ProtoBytes {
    return this.#out;
  }

  get writtenBytes(): number {
    return this.#spool.writtenBytes;
  }

  /** Contract: called between packets, often enough that what was written in between fits in memory. */
  async drain(): Promise<void> {
    await this.#spool.drain();
    this.#out = this.#spool.out;
  }

  /** Writes what is left and closes the file. */
  async finish(): Promise<void> {
    await this.#spool.finish();
    await this.#sink.close();
  }

  // Names: call these before the packet that uses what they return is begun.

  name(text: string): number {
    return this.#intern(this.#names, text);
  }

  category(text: string): number {
    return this.#intern(this.#categories, text);
  }

  argName(text: string): number {
    return this.#intern(this.#argNames, text);
  }

  /** Value of an argument that is likely to come again. */
  argText(text: string): number {
    return this.#intern(this.#texts, text);
  }

  /** The same without remembering it: for whoever remembers it in a better place. */
  newArgText(text: string): number {
    const iid = this.#texts.nextIid();
    this.#internedPacket(this.#texts.tag, iid, text);
    return iid;
  }

  /** A thread's state from `timeNs` on. */
  state(timeNs: number, tid: number, cpu: number, state: number): void {
    const packet = openPacket(this.#out, 0);
    const out = this.#out;
    out.byte(TracePacket.timestamp);
    out.varint(timeNs);
    out.tag2(TracePacket.generic_kernel_task_state_event);
    const event = out.open();
    out.byte(GenericKernelTaskStateEvent.cpu);
    out.varint(cpu);
    out.byte(GenericKernelTaskStateEvent.tid);
    out.varint(tid);
    out.byte(GenericKernelTaskStateEvent.state);
    out.byte(state);
    out.byte(GenericKernelTaskStateEvent.prio);
    out.byte(PRIORITY);
    out.close(event);
    out.close(packet);
  }

  /** Begins a slice's begin. Arguments may follow, then {@link end}. */
  sliceBegin(timeNs: number, track: number, category: number, name: number): void {
    this.#openEvent(timeNs, EventType.sliceBegin, track, 0);
    this.#out.byte(TrackEvent.category_iids);
    this.#out.varint(category);
    this.#out.byte(TrackEvent.name_iid);
    this.#out.varint(name);
  }

  /** The same for a name that no other slice has. */
  namedSliceBegin(timeNs: number, track: number, category: number, name: string): void {
    const text = shown(name);
    this.#openEvent(timeNs, EventType.sliceBegin, track, textRoom(text));
    this.#out.byte(TrackEvent.category_iids);
    this.#out.varint(category);
    this.#out.tag2(TrackEvent.name);
    this.#out.text(text);
  }

  /** Begins a slice's end. Arguments may follow, then {@link end}. */
  sliceEnd(timeNs: number, track: number): void {
    this.#openEvent(timeNs, EventType.sliceEnd, track, 0);
  }

  /** Ends the event at hand. */
  end(): void {
    this.#out.close(this.#eventAt);
    this.#out.close(this.#packetAt);
  }

  counter(timeNs: number, track: number, value: number): void {
    this.#openEvent(timeNs, EventType.counter, track, 0);
    this.#out.tag2(TrackEvent.counter_value);
    this.#out.varint(value);
    this.end();
  }

  instant(timeNs: number, track: number, category: number, name: string): void {
    const text = shown(name);
    this.#openEvent(timeNs, EventType.instant, track, textRoom(text));
    this.#out.byte(TrackEvent.category_iids);
    this.#out.varint(category);
    this.#out.tag2(TrackEvent.name);
    this.#out.text(text);
    this.end();
  }

  /** Adds arguments to the event at hand. */
  argUint(name: number, value: number): void {
    const at = this.#openArg(name, 0);
    this.#out.byte(DebugAnnotation.uint_value);
    this.#out.varint(value);
    this.#out.close(at);
  }

  argIid(name: number, text: number): void {
    const at = this.#openArg(name, 0);
    this.#out.tag2(DebugAnnotation.string_value_iid);
    this.#out.varint(text);
    this.#out.close(at);
  }

  argString(name: number, value: string): void {
    const text = shown(value);
    const at = this.#openArg(name, textRoom(text));
    this.#out.byte(DebugAnnotation.string_value);
    this.#out.text(text);
    this.#out.close(at);
  }

  /** An arrow begins in this slice; it ends in the one of {@link flowEnd} with the same id. */
  flowBegin(id: number): void {
    this.#out.reserve(0);
    this.#out.tag2(TrackEvent.flow_ids);
    this.#out.fixed64(id);
  }

  flowEnd(id: number): void {
    this.#out.reserve(0);
    this.#out.tag2(TrackEvent.terminating_flow_ids);
    this.#out.fixed64(id);
  }

  #intern(table: Interned, text: string): number {
    const known = table.known(text);
    if (known !== undefined) return known;
    const iid = table.add(text);
    this.#internedPacket(table.tag, iid, text);
    return iid;
  }

  #internedPacket(tag: number, iid: number, text: string): void {
    const cleaned = shown(text);
    const packet = openPacket(this.#out, textRoom(cleaned));
    const out = this.#out;
    writeSequence(out);
    out.byte(TracePacket.interned_data);
    const data = out.open();
    if (tag > 0x7f) out.tag2(tag);
    else out.byte(tag);
    const entry = out.open();
    out.byte(EventName.iid);
    out.varint(iid);
    out.byte(EventName.name);
    out.text(cleaned);
    out.close(entry);
    out.close(data);
    out.close(packet);
  }

  #openEvent(timeNs: number, type: number, track: number, textBytes: number): void {
    this.#packetAt = openPacket(this.#out, textBytes);
    const out = this.#out;
    out.byte(TracePacket.timestamp);
    out.varint(timeNs);
    writeSequence(out);
    out.byte(TracePacket.track_event);
    this.#eventAt = out.open();
    out.byte(TrackEvent.type);
    out.byte(type);
    out.byte(TrackEvent.track_uuid);
    out.varint(track);
  }

  #openArg(name: number, textBytes: number): number {
    this.#out.reserve(textBytes);
    this.#out.byte(TrackEvent.debug_annotations);
    const at = this.#out.open();
    this.#out.byte(DebugAnnotation.name_iid);
    this.#out.varint(name);
    return at;
  }
}
