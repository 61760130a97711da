/**
 * Layouts of the structs in bpf/gotape.h, as byte offsets. test/capture/bpf-layout.test.ts holds every number against
 * the BTF of the compiled object.
 */
export const EVENT = {
  time_ns: 0,
  g: 8,
  goid: 16,
  waker: 24,
  pc: 32,
  extra: 40,
  tid: 48,
  tgid: 52,
  cpu: 56,
  p: 58,
  from: 60,
  to: 61,
  reason: 62,
  probe: 63,
} as const;
export const EVENT_BYTES = 64;

/** Records besides events are longer by this than a multiple of 8, which tells them apart. */
export const STACK_MARK = 4;
export const LABELS_MARK = 2;

/** struct gotape_stack: a header, then as many return addresses as `count` says. */
export const STACK = { hash: 0, tgid: 8, count: 12, end: 14, pcs: 16 } as const;
/** `enum gotape_stack_end`: the walk came to a frame without caller. Everything else is a stack that was cut. */
export const STACK_ROOT = 0;

/** struct gotape_labels: a header, then for each of `count` labels key and value, each after its length (u16). */
export const LABELS = {
  time_ns: 0,
  g: 8,
  goid: 16,
  tgid: 24,
  count: 28,
  created: 30,
  incomplete: 31,
  text: 32,
} as const;

export const COUNTERS = {
  hits: 0,
  paired: 8,
  submitted: 16,
  dropped: 24,
  faulted: 32,
  filtered: 40,
  partial: 48,
  loss_epoch: 56,
  loss_first_ns: 64,
  loss_last_ns: 72,
  cached_g0: 80,
  cached_m: 88,
  cached_p: 96,
  stacks: 104,
  stacks_lost: 112,
  labels: 120,
  labels_lost: 128,
  reserved: 136,
} as const;
export const COUNTERS_BYTES = 192;

/** In .bss. */
export const CONTROL = { epoch: 0, enabled: 8, reserved: 12 } as const;

/** `const volatile struct gotape_layout layout`: all of .rodata, 32-bit words in this order. */
export const LAYOUT_FIELDS = [
  'g_m',
  'g_status',
  'g_gopc',
  'g_startpc',
  'g_coroarg',
  'g_coroexit',
  'm_procid',
  'm_curg',
  'm_p',
  'p_id',
  'return_slot',
  'check_park',
  'tgid',
  'stacks',
  'g_sched_bp',
  'g_labels',
  'labels',
] as const;

/** Values for the constants of the BPF program, set before load. */
export type BpfLayout = Record<(typeof LAYOUT_FIELDS)[number], number>;

/** `enum gotape_labels_kind`: what `g.labels` points to. */
export const LabelsKind = { none: 0, map: 1, slice: 2 } as const;

/** `enum gotape_probe`. */
export const Probe = {
  casgstatus: 0,
  preemptScan: 1,
  fromPreempted: 2,
  fromScan: 3,
  enterSyscall: 4,
  exitSyscall: 5,
  coroswitch: 6,
} as const;
export const PROBE_STATUS_MISMATCH = 0x80;

/** Which program of gotape.bpf.c goes on which function of the Go runtime. */
export const PROGRAM_BY_SYMBOL = {
  'runtime.casgstatus': 'casgstatus',
  'runtime.casGToPreemptScan': 'preempt_scan',
  'runtime.casGFromPreempted': 'from_preempted',
  'runtime.casfrom_Gscanstatus': 'from_scan',
  'runtime.reentersyscall': 'enter_syscall',
  'runtime.exitsyscall': 'exit_syscall',
  'runtime.coroswitch_m': 'coroswitch',
  'runtime/pprof.runtime_setProfLabel': 'set_labels',
} as const;
