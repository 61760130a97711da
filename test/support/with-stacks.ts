import type { FrameInfo } from '../../src/model/stack.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { textTrace } from './text-trace.js';

/** A text trace whose rows name stacks: `main.work > sync.(*Mutex).Lock`, the outermost first, numbered from 1. */
export function traceWithStacks(text: string, stacks: readonly string[]): TraceSource {
  const source = textTrace(text);
  const frames: FrameInfo[] = [];
  const infos = stacks.map((stack, i) => {
    const ids = stack.split(' > ').map((name) => {
      const plain = name.replace(' (inline)', '');
      const id = frames.length + 1;
      frames.push({ id, function: plain, file: '/src/main.go', line: id * 10, inlined: name !== plain });
      return id;
    });
    return { id: i + 1, frames: ids.reverse(), truncated: false };
  });
  return {
    facts: source.facts,
    endNs: source.endNs,
    get reasons() {
      return source.reasons;
    },
    async *segments() {
      for await (const segment of source.segments()) {
        yield segment.index === 0 ? { ...segment, frames, stacks: infos } : segment;
      }
    },
  };
}

/** A worker that waits for a lock, in a place that is known, and one that waits somewhere. */
export const LOCK_AND_CHANNEL = `
  created 1 0 main.main
  created 2 1 main.worker
  0 1 dead runnable
  10 1 runnable running
  40 2 dead runnable waker=1
  60 2 runnable running
  100 2 running waiting reason=sync.Mutex.Lock stack=1
  700 2 waiting runnable waker=1
  750 2 runnable running
  800 1 running waiting reason=chan_receive
  820 2 running syscall stack=2
  920 2 syscall running
  950 2 running dead
  end 1000`;

export const LOCK_AND_CHANNEL_STACKS = [
  'main.worker > main.save (inline) > sync.(*Mutex).Lock',
  'main.worker > os.(*File).Write',
];
