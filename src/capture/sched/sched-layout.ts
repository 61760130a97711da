/** Layouts of bpf/sched.h as byte offsets; test/capture/sched.test.ts holds them against the BTF of the compiled object. */
export const SCHED_EVENT = {
  time_ns: 0,
  tid: 8,
  tgid: 12,
  cpu: 16,
  syscall: 18,
  state: 20,
  reserved: 21,
  life: 22,
} as const;
export const SCHED_EVENT_BYTES = 24;

/** `const volatile struct sched_options options`: all of .rodata, 32-bit words in this order. */
export const SCHED_OPTIONS = ['tgid', 'state_argument'] as const;
export type SchedOptions = Record<(typeof SCHED_OPTIONS)[number], number>;

/** Its name among the probes of a trace's header. */
export const SCHED_SWITCH = 'sched:sched_switch';
