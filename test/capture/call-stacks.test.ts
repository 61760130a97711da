import { describe, expect, test } from 'vitest';
import { CallStacks } from '../../src/capture/calls/call-stacks.js';

const G = 0xc000_0001_c0;
const at = (timeNs: number, depth: number, more: { goid?: number; g?: number; pid?: number } = {}) => ({
  timeNs,
  depth,
  pid: 7,
  g: G,
  goid: 1,
  ...more,
});
const call = (name: string) => ({ function: name, tid: 70, arguments: '' });

/** Each call as `function depth start-end outcome`. */
const take = (stacks: CallStacks, untilNs = Number.POSITIVE_INFINITY) =>
  stacks.take(untilNs).map((c) => `${c.function} ${c.depth} ${c.startNs}-${c.endNs} ${c.outcome}`);

describe('a stack of calls', () => {
  test('matches returns to entries by the depth of their frames, in recursion too', () => {
    const stacks = new CallStacks();
    stacks.enter(at(1, 100), call('f'));
    stacks.enter(at(2, 200), call('f'));
    stacks.enter(at(3, 300), call('f'));
    for (const [time, depth] of [
      [4, 300],
      [5, 200],
      [6, 100],
    ] as const)
      stacks.leave(at(time, depth), 'f');
    expect(take(stacks)).toEqual(['f 2 3-4 returned', 'f 1 2-5 returned', 'f 0 1-6 returned']);
  });

  test('keeps goroutines apart, and processes with a g at the same address', () => {
    const stacks = new CallStacks();
    stacks.enter(at(1, 100), call('f'));
    stacks.enter(at(2, 100, { g: G + 64, goid: 2 }), call('f'));
    stacks.enter(at(3, 100, { pid: 8 }), call('f'));
    stacks.leave(at(4, 100), 'f');
    expect(take(stacks)).toEqual(['f 0 1-4 returned']);
    expect(stacks.openCalls).toBe(2);
  });

  test('ignores the return of a call that began before recording', () => {
    const stacks = new CallStacks();
    stacks.enter(at(1, 200), call('inner'));
    stacks.leave(at(2, 200), 'inner');
    stacks.leave(at(3, 100), 'outer');
    expect(take(stacks)).toEqual(['inner 0 1-2 returned']);
  });

  test('says unwound, at the time of the recovery, of frames that a panic left', () => {
    const stacks = new CallStacks();
    stacks.enter(at(1, 100), call('outer'));
    stacks.enter(at(2, 200), call('middle'));
    stacks.enter(at(3, 300), call('inner'));
    stacks.recovered(at(4, 150));
    stacks.leave(at(9, 100), 'outer');
    expect(take(stacks)).toEqual(['inner 2 3-4 unwound', 'middle 1 2-4 unwound', 'outer 0 1-9 returned']);
  });

  test('says unwound of all that is open when the goroutine ends by Goexit', () => {
    const stacks = new CallStacks();
    stacks.enter(at(1, 100), call('f'));
    stacks.goexit(at(5, 0));
    expect(take(stacks)).toEqual(['f 0 1-5 unwound']);
    expect(stacks.openCalls).toBe(0);
  });

  test.each([
    ['an entry in the place of its frame', (s: CallStacks) => s.enter(at(5, 200), call('g'))],
    ['an entry further out', (s: CallStacks) => s.enter(at(5, 120), call('g'))],
    ['a return further out', (s: CallStacks) => s.leave(at(5, 100), 'outer')],
    ['another goroutine in its g', (s: CallStacks) => s.enter(at(5, 900, { goid: 2 }), call('g'))],
  ])('says unwound of a frame whose end is told only by %s', (_, event) => {
    const stacks = new CallStacks();
    stacks.enter(at(1, 200), call('f'));
    event(stacks);
    expect(take(stacks)[0]).toBe('f 0 1-5 unwound');
  });

  test('says unfinished of what is open when recording ends', () => {
    const stacks = new CallStacks();
    stacks.enter(at(1, 100), call('f'));
    stacks.finish(50);
    expect(take(stacks)).toEqual(['f 0 1-50 unfinished']);
  });

  test('hands calls over in order of their end, each once, up to a time', () => {
    const stacks = new CallStacks();
    for (const start of [10, 20, 30]) {
      stacks.enter(at(start, 100), call(`f${start}`));
      stacks.leave(at(start + 5, 100), `f${start}`);
    }
    expect(take(stacks, 25)).toEqual(['f10 0 10-15 returned', 'f20 0 20-25 returned']);
    expect(take(stacks, 25)).toEqual([]);
    expect(take(stacks)).toEqual(['f30 0 30-35 returned']);
  });
});

describe('events that come out of order', () => {
  const ended = (stacks: CallStacks, g: number, startNs: number, endNs: number) => {
    stacks.enter(at(startNs, 100, { g, goid: g }), call(`f${g}`));
    stacks.leave(at(endNs, 100, { g, goid: g }), `f${g}`);
  };

  test('are put back to their place', () => {
    const stacks = new CallStacks();
    ended(stacks, 1, 10, 50);
    ended(stacks, 2, 5, 20);
    ended(stacks, 3, 15, 30);
    expect(take(stacks)).toEqual(['f2 0 5-20 returned', 'f3 0 15-30 returned', 'f1 0 10-50 returned']);
  });

  test('too late for that, end when the last that was handed over did', () => {
    const stacks = new CallStacks();
    ended(stacks, 1, 10, 50);
    expect(take(stacks, 60)).toHaveLength(1);
    ended(stacks, 2, 20, 55);
    expect(take(stacks)).toEqual(['f2 0 20-60 returned']);
  });
});

describe('where events were lost', () => {
  test('a call that was open is unknown, known to have lasted until then, and told once', () => {
    const stacks = new CallStacks();
    stacks.enter(at(1, 100), call('f'));
    stacks.lost({ fromNs: 10, toNs: 20 });
    stacks.leave(at(30, 100), 'f');
    expect(take(stacks)).toEqual(['f 0 1-10 unknown']);
    expect(stacks.openCalls).toBe(0);
  });

  test('a call that ended in that time is unknown although a return was seen: it may be that of a later call', () => {
    const stacks = new CallStacks();
    stacks.enter(at(1, 100), call('f'));
    stacks.leave(at(15, 100), 'f');
    stacks.lost({ fromNs: 10, toNs: 20 });
    expect(take(stacks)).toEqual(['f 0 1-10 unknown']);
  });

  test('a call before it or after it is not touched', () => {
    const stacks = new CallStacks();
    stacks.enter(at(1, 100), call('before'));
    stacks.leave(at(5, 100), 'before');
    stacks.enter(at(25, 100), call('after'));
    stacks.lost({ fromNs: 10, toNs: 20 });
    stacks.leave(at(30, 100), 'after');
    expect(take(stacks)).toEqual(['before 0 1-5 returned', 'after 0 25-30 returned']);
  });
});
