import type { StackDirectory } from '../model/stack-directory.js';
import type { StackFrame } from './sections.js';

/** What a report shows of a stack, the innermost first. */
export function framesOf(stacks: StackDirectory, stack: number): StackFrame[] {
  return stacks.framesOf(stack).map(({ function: name, file, line }) => ({ function: name, file, line }));
}
