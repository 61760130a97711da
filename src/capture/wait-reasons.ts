/** The wait reasons that a recording can name: the table of the target's Go version, and what gotape adds to it. */
export interface ReasonNumbers {
  /** Text by number: 0…255 as in `g.waitreason`, then those of gotape. */
  readonly texts: readonly string[];
  readonly preempted: number;
  readonly coroutine: number;
  /** Go 1.19, executing on the system stack while marked waiting: the reason in memory is stale. */
  readonly systemStack: number;
}

const BYTE_VALUES = 256;

/** @param table the version's `waitReasonStrings`; a number beyond it becomes `reason(n)` */
export function numberReasons(table: readonly string[]): ReasonNumbers {
  const texts = Array.from({ length: BYTE_VALUES }, (_, number) => table[number] ?? `reason(${number})`);
  texts[0] = '';
  const numberOf = (text: string) => {
    const known = table.indexOf(text);
    return known >= 0 ? known : texts.push(text) - 1;
  };
  return {
    preempted: numberOf('preempted'),
    coroutine: numberOf('coroutine'),
    systemStack: numberOf('system stack'),
    texts,
  };
}
