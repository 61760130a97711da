import type { FrameInfo, StackInfo } from '../../model/stack.js';
import type { TraceSegment } from '../../model/trace-segment.js';
import type { Packets } from './packets.js';

/** Stacks as texts, each written into the trace once, when the first slice names it. */
export class StackTexts {
  readonly #packets: Packets;
  readonly #frames = new Map<number, FrameInfo>();
  readonly #stacks = new Map<number, StackInfo>();
  readonly #iids = new Map<number, number>();

  constructor(packets: Packets) {
    this.#packets = packets;
  }

  add({ frames, stacks }: TraceSegment): void {
    for (const frame of frames ?? []) this.#frames.set(frame.id, frame);
    for (const stack of stacks ?? []) this.#stacks.set(stack.id, stack);
  }

  /** Of the stack's text; undefined when the trace does not describe it. */
  iidOf(stack: number): number | undefined {
    const known = this.#iids.get(stack);
    if (known !== undefined) return known;
    const info = this.#stacks.get(stack);
    if (info === undefined) return undefined;
    const iid = this.#packets.newArgText(this.#text(info));
    this.#iids.set(stack, iid);
    this.#stacks.delete(stack);
    return iid;
  }

  /** A line per frame, the innermost first: `main.(*Pool).run  /srv/pool.go:17`. */
  #text({ frames, truncated }: StackInfo): string {
    const lines = frames.map((id) => frameText(this.#frames.get(id)));
    return [...lines, ...(truncated ? ['…'] : [])].join('\n');
  }
}

function frameText(frame: FrameInfo | undefined): string {
  if (frame === undefined) return '?';
  const { file, line } = frame;
  const place = file === '' ? '' : `  ${file}${line === 0 ? '' : `:${line}`}`;
  return `${frame.function || '?'}${place}`;
}
