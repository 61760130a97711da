/** The tables that arrow, parquet, csv and ndjson are made of (docs/formats.md describes every column). */

/**
 * `time`: an absolute moment, ns since 1970 UTC, held here as ns since the start of the trace. Whole numbers are held as
 * float64, which is exact for all that a trace can hold.
 */
export type ColumnType = 'time' | 'int64' | 'uint32' | 'uint16' | 'bool' | 'text';

export interface ColumnSchema {
  readonly name: string;
  readonly type: ColumnType;
  /** May be absent: NaN, or of a text empty. Others never are. */
  readonly nullable: boolean;
}

export interface TableSchema {
  readonly name: string;
  readonly columns: readonly ColumnSchema[];
  /** Made only for traces that hold such rows: not every recording has them. */
  readonly optional: boolean;
}

/** `name: type` for each column, `?` behind those that may be null. */
function table(name: string, columns: Readonly<Record<string, string>>, optional = false): TableSchema {
  return {
    name,
    optional,
    columns: Object.entries(columns).map(([column, type]) => ({
      name: column,
      type: type.replace('?', '') as ColumnType,
      nullable: type.endsWith('?'),
    })),
  };
}

const KIND_TIMES = {
  running_ns: 'int64',
  runnable_ns: 'int64',
  waiting_ns: 'int64',
  syscall_ns: 'int64',
  unseen_ns: 'int64',
  unknown_ns: 'int64',
  preempted_ns: 'int64',
};

export const TABLES = {
  transitions: table('transitions', {
    time: 'time',
    t_ns: 'int64',
    pid: 'uint32',
    goid: 'int64?',
    tid: 'uint32',
    cpu: 'uint16',
    p: 'uint16?',
    from: 'text',
    to: 'text',
    reason: 'text?',
    waker: 'int64?',
    wake_source: 'text?',
    stack: 'uint32?',
  }),
  spans: table('spans', {
    time: 'time',
    start_ns: 'int64',
    duration_ns: 'int64',
    pid: 'uint32',
    goid: 'int64',
    start_function: 'text?',
    state: 'text',
    reason: 'text?',
    tid: 'uint32?',
    cpu: 'uint16?',
    p: 'uint16?',
    waker: 'int64?',
    wake_source: 'text?',
    stack: 'uint32?',
    crosses_gap: 'bool',
  }),
  goroutines: table('goroutines', {
    pid: 'uint32',
    goid: 'int64',
    origin: 'text?',
    start_function: 'text?',
    created_by: 'text?',
    parent_goid: 'int64?',
    labels: 'text?',
    begin: 'time?',
    begin_ns: 'int64?',
    end: 'time?',
    end_ns: 'int64?',
    spans: 'int64',
    ...KIND_TIMES,
  }),
  stacks: table(
    'stacks',
    {
      stack: 'uint32',
      depth: 'uint32',
      function: 'text?',
      file: 'text?',
      line: 'uint32?',
      inlined: 'bool',
      truncated: 'bool',
    },
    true,
  ),
  wakeups: table('wakeups', {
    time: 'time',
    t_ns: 'int64',
    pid: 'uint32',
    goid: 'int64',
    waker: 'int64?',
    wake_source: 'text?',
    latency_ns: 'int64',
    crosses_gap: 'bool',
  }),
  calls: table(
    'calls',
    {
      time: 'time',
      start_ns: 'int64',
      duration_ns: 'int64',
      pid: 'uint32',
      goid: 'int64',
      tid: 'uint32',
      function: 'text',
      depth: 'uint32',
      outcome: 'text',
      arguments: 'text?',
    },
    true,
  ),
  sched: table(
    'sched',
    {
      time: 'time',
      t_ns: 'int64',
      pid: 'uint32',
      tid: 'uint32',
      cpu: 'uint16',
      state: 'text',
      syscall: 'uint16?',
    },
    true,
  ),
} as const;

export type TableName = keyof typeof TABLES;
export const TABLE_NAMES = Object.keys(TABLES) as readonly TableName[];
