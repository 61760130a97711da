/** Tags (`number << 3 | wire type`) and values of schemas/perfetto.proto. A test holds them against it. */

const varint = (field: number) => field << 3;
const fixed64 = (field: number) => (field << 3) | 1;
const nested = (field: number) => (field << 3) | 2;

/** Tags below 128 are one byte, the others two. */
export const Tag = {
  Trace: { packet: nested(1) },
  TracePacket: {
    timestamp: varint(8),
    trusted_packet_sequence_id: varint(10),
    track_event: nested(11),
    interned_data: nested(12),
    incremental_state_cleared: varint(41),
    track_descriptor: nested(60),
    generic_kernel_task_state_event: nested(117),
    generic_kernel_process_tree: nested(122),
  },
  GenericKernelTaskStateEvent: { cpu: varint(1), tid: varint(3), state: varint(4), prio: varint(5) },
  GenericKernelProcessTree: { processes: nested(1), threads: nested(2) },
  'GenericKernelProcessTree.Process': { pid: varint(1), cmdline: nested(3) },
  'GenericKernelProcessTree.Thread': { tid: varint(1), pid: varint(2), comm: nested(3) },
  TrackEvent: {
    category_iids: varint(3),
    debug_annotations: nested(4),
    type: varint(9),
    name_iid: varint(10),
    track_uuid: varint(11),
    name: nested(23),
    counter_value: varint(30),
    flow_ids: fixed64(47),
    terminating_flow_ids: fixed64(48),
  },
  DebugAnnotation: {
    name_iid: varint(1),
    uint_value: varint(3),
    string_value: nested(6),
    string_value_iid: varint(17),
  },
  InternedData: {
    event_categories: nested(1),
    event_names: nested(2),
    debug_annotation_names: nested(3),
    debug_annotation_string_values: nested(29),
  },
  /** The same of everything that is interned: `EventCategory`, `EventName`, `DebugAnnotationName`. */
  EventName: { iid: varint(1), name: nested(2) },
  TrackDescriptor: {
    uuid: varint(1),
    name: nested(2),
    thread: nested(4),
    parent_uuid: varint(5),
    counter: nested(8),
    child_ordering: varint(11),
    sibling_order_rank: varint(12),
    sibling_merge_behavior: varint(15),
  },
  ThreadDescriptor: { pid: varint(1), tid: varint(2), thread_name: nested(5) },
  CounterDescriptor: { unit_name: nested(6) },
} as const;

export const EventType = { sliceBegin: 1, sliceEnd: 2, instant: 3, counter: 4 } as const;

/** States of threads, by what `TaskStateEnum` calls them, and how SQL and the UI show them. */
export const TaskState = {
  /** `R`, Runnable. */
  runnable: 2,
  /** `Running`. */
  running: 3,
  /** `S`, Sleeping. */
  interruptibleSleep: 4,
  /** `D`, Uninterruptible Sleep. */
  uninterruptibleSleep: 5,
  /** `T`, Stopped. */
  stopped: 6,
  /** `X`, Exit (Dead). The thread may go on; after TASK_STATE_DEAD the UI would begin another with the same id. */
  destroyed: 8,
} as const;

export const CHILD_ORDERING_EXPLICIT = 3;
export const SIBLING_MERGE_BY_NAME = 1;
export const SIBLING_MERGE_NONE = 2;
