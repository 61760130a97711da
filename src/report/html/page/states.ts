/** States of goroutines as the page names and colours them; the order of `SpanKind`. */

export interface StateLook {
  readonly name: string;
  /** Readable on light and on dark ground, and told apart with the usual kinds of colour blindness (Okabe and Ito). */
  readonly color: string;
}

export const STATES: readonly StateLook[] = [
  { name: 'execution', color: '#009e73' },
  { name: 'sched wait', color: '#d55e00' },
  { name: 'block', color: '#6c8ebf' },
  { name: 'syscall', color: '#cc79a7' },
  { name: 'unseen', color: '#b8860b' },
  { name: 'unknown', color: '#9a9a9a' },
  { name: 'preempted', color: '#e6b800' },
];

/** Of flame graphs, dark enough for white text. */
export const FLAME = { block: '#3b639c', execution: '#00704f' } as const;

export const [EXECUTION, SCHED_WAIT, BLOCK, SYSCALL] = STATES as unknown as readonly [
  StateLook,
  StateLook,
  StateLook,
  StateLook,
];
