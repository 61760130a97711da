/** Packets that say what tracks, threads and processes there are. Written between events, in any order. */
import { CHILD_ORDERING_EXPLICIT, Tag } from './fields.js';
import { openPacket, shown, writeSequence } from './packet-parts.js';
import { type ProtoBytes, textRoom } from './proto-bytes.js';

const { TracePacket, TrackDescriptor, ThreadDescriptor, CounterDescriptor, GenericKernelProcessTree } = Tag;

export interface ThreadTrack {
  readonly uuid: number;
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
}

/** Where a track is; nowhere: at the top. */
export interface Place {
  readonly parent?: number | undefined;
  /** Among its siblings, for children of a track that is `ordered`. */
  readonly rank?: number | undefined;
}

export interface Track extends Place {
  readonly uuid: number;
  readonly name: string;
  /** Its children have ranks. */
  readonly ordered?: boolean | undefined;
  /** It is a counter of these: to be described before its first value, or that is dropped without a word. */
  readonly unit?: string | undefined;
  /** What becomes of siblings with the same name, see fields.ts; absent: they are merged. */
  readonly merge?: number | undefined;
}

/** Names a process, from `fromNs` on. A later name replaces an earlier one. */
export function writeProcess(out: ProtoBytes, fromNs: number, pid: number, name: string): void {
  const { pid: pidTag, cmdline } = Tag['GenericKernelProcessTree.Process'];
  // The UI ends a name at its first space.
  const text = shown(name).replaceAll(' ', '\u00a0');
  const packet = openPacket(out, textRoom(text));
  const tree = openProcessTree(out, fromNs);
  out.byte(GenericKernelProcessTree.processes);
  const process = out.open();
  writeNumber(out, pidTag, pid);
  writeText(out, cmdline, text);
  out.close(process);
  out.close(tree);
  out.close(packet);
}

/** Tells the process of a thread. Once, before its first event. */
export function writeThread(out: ProtoBytes, fromNs: number, tid: number, pid: number): void {
  const { tid: tidTag, pid: pidTag } = Tag['GenericKernelProcessTree.Thread'];
  const packet = openPacket(out, 0);
  const tree = openProcessTree(out, fromNs);
  out.byte(GenericKernelProcessTree.threads);
  const thread = out.open();
  writeNumber(out, tidTag, tid);
  writeNumber(out, pidTag, pid);
  out.close(thread);
  out.close(tree);
  out.close(packet);
}

/** The track of a thread, for slices. A later name replaces an earlier one. */
export function writeThreadTrack(out: ProtoBytes, { uuid, pid, tid, name }: ThreadTrack): void {
  const text = shown(name);
  const packet = openPacket(out, textRoom(text));
  const descriptor = openDescriptor(out, uuid);
  out.byte(TrackDescriptor.thread);
  const thread = out.open();
  writeNumber(out, ThreadDescriptor.pid, pid);
  writeNumber(out, ThreadDescriptor.tid, tid);
  writeText(out, ThreadDescriptor.thread_name, text);
  out.close(thread);
  out.close(descriptor);
  out.close(packet);
}

/** A track that is no thread. Once for each. */
export function writeTrack(out: ProtoBytes, track: Track): void {
  const name = shown(track.name);
  const packet = openPacket(out, textRoom(name));
  const descriptor = openDescriptor(out, track.uuid);
  writeText(out, TrackDescriptor.name, name);
  if (track.parent !== undefined) writeNumber(out, TrackDescriptor.parent_uuid, track.parent);
  if (track.unit !== undefined) writeCounter(out, track.unit);
  if (track.ordered) writeNumber(out, TrackDescriptor.child_ordering, CHILD_ORDERING_EXPLICIT);
  if (track.rank !== undefined) writeNumber(out, TrackDescriptor.sibling_order_rank, track.rank);
  if (track.merge !== undefined) writeNumber(out, TrackDescriptor.sibling_merge_behavior, track.merge);
  out.close(descriptor);
  out.close(packet);
}

function writeCounter(out: ProtoBytes, unit: string): void {
  out.byte(TrackDescriptor.counter);
  const counter = out.open();
  writeText(out, CounterDescriptor.unit_name, unit);
  out.close(counter);
}

function openDescriptor(out: ProtoBytes, uuid: number): number {
  writeSequence(out);
  out.tag2(TracePacket.track_descriptor);
  const descriptor = out.open();
  writeNumber(out, TrackDescriptor.uuid, uuid);
  return descriptor;
}

function openProcessTree(out: ProtoBytes, fromNs: number): number {
  writeNumber(out, TracePacket.timestamp, fromNs);
  out.tag2(TracePacket.generic_kernel_process_tree);
  return out.open();
}

function writeNumber(out: ProtoBytes, tag: number, value: number): void {
  out.byte(tag);
  out.varint(value);
}

function writeText(out: ProtoBytes, tag: number, text: string): void {
  out.byte(tag);
  out.text(text);
}
