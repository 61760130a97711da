/** Lets a signal be handled in the middle of long work: without it Ctrl-C waits for the end. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
