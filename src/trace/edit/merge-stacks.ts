/**
 * Stacks of several traces under the ids of one. Equal frames and equal stacks become one; an id stays as it is where no
 * other trace took it, so that the parts of a trace become that trace.
 */
import type { FrameInfo, StackInfo } from '../../model/stack.js';
import { NO_STACK } from '../../model/transition-batch.js';

/** Ids of one kind that were given in the merged trace. */
class Ids {
  readonly #idByContent = new Map<string, number>();
  readonly #taken = new Set<number>([NO_STACK]);
  #next = 1;

  /** The id of what is said by `content`, and whether that is to be told. */
  define(content: string, original: number): { id: number; isNew: boolean } {
    const known = this.#idByContent.get(content);
    if (known !== undefined) return { id: known, isNew: false };
    const id = this.take(original);
    this.#idByContent.set(content, id);
    return { id, isNew: true };
  }

  take(original: number): number {
    let id = original;
    while (this.#taken.has(id)) id = this.#next++;
    this.#taken.add(id);
    return id;
  }
}

/** Of all sources. */
export class MergedStacks {
  readonly frames = new Ids();
  readonly stacks = new Ids();
}

/** Of one source. Ids that it uses before it tells them, or never does, are kept apart too. */
export class SourceStacks {
  readonly #merged: MergedStacks;
  readonly #frames = new Map<number, number>();
  readonly #stacks = new Map<number, number>([[NO_STACK, NO_STACK]]);
  readonly #toldFrames = new Set<number>();
  readonly #toldStacks = new Set<number>();

  constructor(merged: MergedStacks) {
    this.#merged = merged;
  }

  /** Frames that the merged trace does not tell yet. */
  newFrames(frames: readonly FrameInfo[]): FrameInfo[] {
    return frames.flatMap((frame) => {
      if (this.#toldFrames.has(frame.id)) return [];
      this.#toldFrames.add(frame.id);
      const { function: name, file, line, inlined } = frame;
      const content = JSON.stringify([name, file, line, inlined]);
      return told(this.#frames, this.#merged.frames, frame, content);
    });
  }

  /** The same of stacks. To be called with the frames' segment, after {@link newFrames}. */
  newStacks(stacks: readonly StackInfo[]): StackInfo[] {
    return stacks.flatMap((stack) => {
      if (this.#toldStacks.has(stack.id)) return [];
      this.#toldStacks.add(stack.id);
      const frames = stack.frames.map((id) => idIn(this.#frames, this.#merged.frames, id));
      const content = JSON.stringify([frames, stack.truncated]);
      return told(this.#stacks, this.#merged.stacks, { ...stack, frames }, content);
    });
  }

  /** In the merged trace. */
  stackOf(id: number): number {
    return idIn(this.#stacks, this.#merged.stacks, id);
  }
}

function told<T extends { readonly id: number }>(ids: Map<number, number>, merged: Ids, item: T, content: string): T[] {
  // Used before it was told: it has an id already, whatever else has the same content.
  const used = ids.get(item.id);
  if (used !== undefined) return [{ ...item, id: used }];
  const { id, isNew } = merged.define(content, item.id);
  ids.set(item.id, id);
  return isNew ? [{ ...item, id }] : [];
}

function idIn(ids: Map<number, number>, merged: Ids, original: number): number {
  let id = ids.get(original);
  if (id === undefined) {
    id = merged.take(original);
    ids.set(original, id);
  }
  return id;
}
