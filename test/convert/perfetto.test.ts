import { expect, test } from 'vitest';
import { PerfettoAudit } from '../../src/convert/perfetto/audit.js';
import type { CallInfo, CallOutcome } from '../../src/model/call.js';
import { NO_SYSCALL, type OsScheduleBatch, OsState } from '../../src/model/os-schedule.js';
import { SpanKind } from '../../src/model/span.js';
import type { TargetFact } from '../../src/model/trace-facts.js';
import type { SegmentDetails, TraceSource } from '../../src/model/trace-segment.js';
import { WindowSource } from '../../src/replay/window/window-source.js';
import { collectSpans } from '../support/collect-spans.js';
import { convertToPerfetto } from '../support/convert-to-perfetto.js';
import { serverTrace } from '../support/server-trace.js';
import { textTrace } from '../support/text-trace.js';
import { type ImportedTrace, importPerfetto, slicesByCategory } from './perfetto-rules.js';

const PING = `
  created 1 0 main.main
  created 7 1 main.worker at=1000
  0       1 dead     runnable
  500     1 runnable running   p=0 tid=11 cpu=3
  1000    7 dead     runnable  waker=1
  2001    1 running  waiting   reason=chan_receive stack=5
  2001    7 runnable running   p=0 tid=11 cpu=3
  3000    7 running  waiting   reason=GC_assist_marking
  3500    7 waiting  running
  4000    1 waiting  runnable  waker=7
  4250    7 running  syscall   tid=11 cpu=3
  4300    1 runnable running   p=1 tid=12 cpu=2
  6000    7 syscall  running   p=0 tid=11 cpu=3
  6000    7 running  dead
  end 10000
`;

const target = (pid: number, executable: string): TargetFact => ({
  pid,
  executable,
  commandLine: [],
  goVersion: 'go1.26',
  buildId: '',
  arch: 'amd64',
  layout: [],
  warnings: [],
});

async function converted(source: TraceSource, layout = 'native') {
  const { bytes, audit } = await convertToPerfetto(source, { layout });
  return { audit, trace: importPerfetto(bytes) };
}

/** `THREAD: FROM STATE, …` of every thread. */
function stateLines({ states, tracks }: ImportedTrace): string[] {
  const nameByTid = new Map([...tracks.values()].map(({ name, thread }) => [thread?.tid, name]));
  return [...states].map(([tid, list]) => {
    const texts = list.map(
      ({ startNs, state, cpu }) => `${startNs} ${state}${state === 'running' ? ` on ${cpu}` : ''}`,
    );
    return `${nameByTid.get(tid)}: ${texts.join(', ')}`;
  });
}

/** `TRACK: INDENTED SLICE FROM..TO {ARGS}` in order of time. */
function sliceLines({ slices, tracks }: ImportedTrace): string[] {
  return slices.map(({ track, name, category, startNs, endNs, depth, args }) => {
    const shownArgs = Object.keys(args).length > 0 ? ` ${JSON.stringify(args)}` : '';
    return `${tracks.get(track)?.name}: ${'> '.repeat(depth)}${category} ${name} ${startNs}..${endNs}${shownArgs}`;
  });
}

function withDetails(source: TraceSource, details: SegmentDetails): TraceSource {
  return {
    ...source,
    async *segments() {
      for await (const segment of source.segments()) yield { ...segment, ...details };
    },
  };
}

const STACK: SegmentDetails = {
  frames: [
    { id: 1, function: 'runtime.chanrecv1', file: '/go/chan.go', line: 489, inlined: false },
    { id: 2, function: 'main.main', file: '/srv/main.go', line: 12, inlined: false },
  ],
  stacks: [{ id: 5, frames: [1, 2], truncated: false }],
};

test('native: goroutines are threads with states, and slices for what states cannot say', async () => {
  const { trace } = await converted(withDetails(textTrace(PING), STACK));
  expect(stateLines(trace)).toMatchSnapshot();
  expect(sliceLines(trace)).toMatchSnapshot();
  expect([...trace.processes.values()]).toEqual(['main.main\u00a0×1', 'main.worker\u00a0×1']);
});

test('tree: each goroutine has a slice for every state, each P one for every run, and wake-ups are arrows', async () => {
  const { trace } = await converted(withDetails(textTrace(PING), STACK), 'tree');
  expect(sliceLines(trace)).toMatchSnapshot();
  expect(trace.flows.map(({ from, to }) => `${from.name} ${from.startNs} → ${to.name} ${to.startNs}`)).toEqual([
    'running 500 → runnable 1000',
    'running 2001 → runnable 4000',
  ]);
});

test('goroutines that live one after another share a track, those that live at one time do not', async () => {
  const { trace } = await converted(
    textTrace(`
      created 1 0 main.handler
      created 2 0 main.handler at=20
      created 3 0 main.handler at=30
      10 1 dead running
      15 1 running dead
      20 2 dead running
      30 3 dead running
      35 2 running dead
      40 3 running dead
      end 50`),
  );
  const names = [...trace.tracks.values()].filter(({ thread }) => thread !== undefined).map(({ name }) => name);
  expect(names).toEqual(['G1 and 1 more', 'G3']);
});

test('a goroutine that blocks to the end keeps its last state without an end, and is named as what it was last', async () => {
  const { trace } = await converted(
    textTrace(
      'created 1 0 f\n0 1 dead runnable\n5 1 runnable running p=0\n9 1 running waiting reason=select\nend 5000',
    ),
  );
  expect([...trace.states.values()][0]?.at(-1)).toEqual({
    startNs: 9,
    durNs: -1,
    state: 'interruptible_sleep',
    cpu: 0,
  });
  expect(trace.slices.at(-1)).toMatchObject({ name: 'unknown (last seen: select)', startNs: 9, endNs: 5000 });
});

test('time before the first event of a goroutine has a slice and no state', async () => {
  const { trace, audit } = await converted(
    textTrace('found 4 main.old\n2000 4 waiting runnable waker=9\n3000 4 runnable running p=0\nend 3000'),
  );
  expect([...trace.states.values()][0]?.[0]).toMatchObject({ startNs: 2000, state: 'runnable' });
  expect(trace.slices.find(({ category }) => category === 'unknown')).toMatchObject({ startNs: 0, endNs: 2000 });
  expect(audit.kinds[SpanKind.unknown]).toMatchObject({ spans: 1, slices: 1, states: 0, stateless: 1 });
});

test('two goroutines that claim one P at the same time do not overlap there, and neither is shortened', async () => {
  const { trace, audit } = await converted(
    textTrace(`
      created 1 0 main.a
      created 2 0 main.b
      0 1 dead runnable
      0 2 dead runnable
      100 1 runnable running p=0
      200 2 runnable running p=0
      300 2 running dead
      400 1 running dead
      end 400`),
  );
  const running = [...trace.states.values()].flat().filter(({ state }) => state === 'running');
  expect(running.map(({ startNs, durNs, cpu }) => [startNs, durNs, cpu])).toEqual([
    [100, 300, 1000],
    [200, 100, 0],
  ]);
  expect(audit.runs).toEqual({ spans: 2, onP: 1, withoutP: 0, elsewhere: 1 });
});

test('goroutine ids beyond 31 bits get small thread ids and keep their name', async () => {
  const { trace } = await converted(
    textTrace('created 5000000000 0 main.big\n0 5000000000 dead runnable\n5 5000000000 runnable running p=0\nend 90'),
  );
  const [track] = [...trace.tracks.values()].filter(({ thread }) => thread !== undefined);
  expect(track).toMatchObject({ name: 'G5000000000', thread: { tid: 1_000_000_000 } });
  expect(trace.slices[0]?.args['goid']).toBe(5_000_000_000);
});

test('traced programs are kept apart, though their goroutine ids and Ps are the same', async () => {
  const source = textTrace(
    `created 1 0 main.main pid=5000
     created 1 0 main.main pid=6000
     0 1 dead runnable pid=5000
     3 1 dead runnable pid=6000
     10 1 runnable running pid=5000 p=0
     20 1 runnable running pid=6000 p=0
     30 1 running dead pid=5000
     40 1 running dead pid=6000
     end 40`.replace(/^ +/gm, ''),
    { targets: [target(5000, '/srv/a'), target(6000, '/srv/b')] },
  );
  const { trace } = await converted(source);
  expect([...trace.processes.values()]).toEqual([
    'a\u00a0(pid\u00a05000):\u00a0main.main\u00a0×1',
    'b\u00a0(pid\u00a06000):\u00a0main.main\u00a0×1',
  ]);
  const running = [...trace.states.values()].flat().filter(({ state }) => state === 'running');
  expect(running.map(({ cpu }) => cpu)).toEqual([0, 3000]);
  const tree = await converted(source, 'tree');
  const names = [...tree.trace.tracks.values()].map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['a (pid 5000): P0', 'b (pid 6000): P0']));
});

test.each([
  'native',
  'tree',
])('%s: losses are slices side by side, instants where they have no length', async (layout) => {
  const { trace, audit } = await converted(
    textTrace('gap 100 900 12\ngap 500 1000 3\ngap 1000 1000 1\ncreated 1 0 f\n0 1 dead runnable\nend 2000'),
    layout,
  );
  const lost = trace.slices.filter(({ category }) => category === 'lost');
  expect(lost.map(({ name }) => name)).toEqual(['12 events lost (ring full)', '3 events lost (ring full)']);
  expect(trace.instants).toEqual([{ timeNs: 1000, name: '1 events lost (ring full)' }]);
  expect(audit.gaps).toEqual({ gaps: 3, slices: 2, instants: 1 });
  expect(trace.slices.find(({ category }) => category === 'unknown')?.args['events lost']).toBe('yes');
});

test.each(['native', 'tree'])('%s: what the operating system did with threads has a track for each', async (layout) => {
  const changes: readonly (readonly [timeNs: number, tid: number, state: number, syscall: number])[] = [
    [100, 11, OsState.onCpu, NO_SYSCALL],
    [400, 11, OsState.preempted, NO_SYSCALL],
    [450, 12, OsState.onCpu, NO_SYSCALL],
    [500, 11, OsState.onCpu, NO_SYSCALL],
    [700, 11, OsState.sleeping, 202],
    [800, 12, OsState.exited, NO_SYSCALL],
  ];
  const osSchedule: OsScheduleBatch = {
    length: changes.length,
    timeNs: Float64Array.from(changes, ([timeNs]) => timeNs),
    pid: new Uint32Array(changes.length).fill(1),
    tid: Uint32Array.from(changes, ([, tid]) => tid),
    cpu: new Uint16Array(changes.length).fill(3),
    state: Uint8Array.from(changes, ([, , state]) => state),
    syscall: Int16Array.from(changes, ([, , , syscall]) => syscall),
  };
  const host = { hostname: '', kernel: '', arch: 'x86_64', bootId: '', cpus: 2 };
  const { trace, audit } = await converted(withDetails(textTrace(PING, { host }), { osSchedule }), layout);
  expect(sliceLines(trace).filter((line) => line.startsWith('thread'))).toMatchSnapshot();
  expect(audit.osThreads).toEqual({ changes: 6, slices: 5, exits: 1, outside: 0 });
});

test.each([
  'native',
  'tree',
])('%s: calls nest on a track below their goroutine; what cannot be drawn is counted', async (layout) => {
  const call = (
    name: string,
    goid: number,
    startNs: number,
    endNs: number,
    outcome: CallOutcome = 'returned',
  ): CallInfo => ({
    pid: 1,
    goid,
    tid: 11,
    function: name,
    startNs,
    endNs,
    depth: 0,
    outcome,
    arguments: name === 'main.inner' ? 'n=3' : '',
  });
  const calls = [
    call('main.inner', 7, 2100, 2400),
    call('main.inner', 7, 2400, 2900),
    call('main.outer', 7, 2050, 4000, 'unwound'),
    call('main.crossing', 7, 3900, 4100),
    call('main.lost', 99, 100, 200),
    call('main.next', 7, 4100, 4200),
  ];
  const source = textTrace(PING);
  const { trace, audit } = await converted(withDetails(source, { calls }), layout);
  expect(sliceLines(trace).filter((line) => line.startsWith('calls'))).toEqual([
    'calls: call main.outer 2050..4000 {"outcome":"unwound"}',
    'calls: > call main.inner 2100..2400 {"arguments":"n=3"}',
    'calls: > call main.inner 2400..2900 {"arguments":"n=3"}',
    'calls: call main.next 4100..4200',
  ]);
  expect(audit.calls).toEqual({ calls: 6, slices: 4, goroutineUnknown: 1, overlapping: 1, outside: 0, tooDeep: 0 });
});

test.each(['native', 'tree'])('%s: a stretch of a trace begins and ends where it was asked for', async (layout) => {
  const [fromNs, toNs] = [2_000_000, 3_000_000];
  const loss = { fromNs: 1_900_000, toNs: 2_100_000, lost: 7, why: 'ring full' };
  const whole = serverTrace({ requests: 60, gaps: [loss] });
  const call = { pid: 4242, goid: 1, tid: 1, depth: 0, outcome: 'returned', arguments: '' } as const;
  const calls: readonly CallInfo[] = [
    { ...call, function: 'main.before', startNs: 10, endNs: 20 },
    { ...call, function: 'main.inner', startNs: 1_200_000, endNs: 2_500_000, depth: 1 },
    { ...call, function: 'main.outer', startNs: 1_100_000, endNs: 3_500_000 },
  ];
  // Its end is known once it was read.
  await collectSpans(whole);
  const source = new WindowSource(withDetails(whole, { calls }), { fromNs, toNs, goids: [], functions: [] });
  const { trace, audit } = await converted(source, layout);
  const times = [
    ...trace.slices.flatMap(({ startNs, endNs }) => [startNs, endNs]),
    ...[...trace.states.values()].flat().map(({ startNs }) => startNs),
    ...[...trace.counters.values()].flat().map(({ timeNs }) => timeNs),
  ];
  expect([Math.min(...times), Math.max(...times)]).toEqual([fromNs, toNs]);
  expect(sliceLines(trace).filter((line) => line.startsWith('calls'))).toEqual([
    'calls: call main.outer 2000000..3000000',
    'calls: > call main.inner 2000000..2500000',
  ]);
  expect(slicesByCategory(trace)['lost']).toEqual({ count: 1, ns: 100_000 });
  expect(audit.spans).toBeGreaterThan(100);
});

test('only the tracks that are asked for are written', async () => {
  const source = textTrace(PING);
  const kinds = async (track: 'goroutines' | 'counters' | 'flows', layout: string) => {
    const { bytes } = await convertToPerfetto(source, { layout, tracks: new Set([track]) });
    const trace = importPerfetto(bytes);
    return [trace.slices.length > 0, trace.counters.size > 0, trace.flows.length > 0];
  };
  expect(await kinds('goroutines', 'native')).toEqual([true, false, false]);
  expect(await kinds('counters', 'native')).toEqual([false, true, false]);
  expect(await kinds('goroutines', 'tree')).toEqual([true, false, false]);
  expect(await kinds('counters', 'tree')).toEqual([false, true, false]);
});

test('names that could break a page or a terminal arrive as text', async () => {
  const hostile = '</script><img src=x onerror="alert(1)">\\\u0000\u001b[2J\n\ud800';
  const source = withDetails(textTrace(PING), {});
  const renamed: TraceSource = {
    ...source,
    async *segments() {
      for await (const segment of source.segments()) {
        const goroutines = segment.goroutines.map((info) => ({
          ...info,
          startFunction: hostile,
          createdBy: hostile,
          labels: [{ key: hostile, value: hostile }],
        }));
        yield { ...segment, goroutines };
      }
    },
  };
  for (const layout of ['native', 'tree']) {
    const { trace } = await converted(renamed, layout);
    expect(JSON.stringify([...trace.processes, ...trace.tracks.values(), trace.slices])).not.toMatch(/\\u00[01]/);
  }
});

test('a trace without any goroutine is still a file that loads', async () => {
  for (const layout of ['native', 'tree'])
    expect((await converted(textTrace('end 0'), layout)).trace.slices).toEqual([]);
});

test('three hundred requests need as many tracks as were served at one time', async () => {
  const { trace, audit } = await converted(serverTrace({ requests: 300 }));
  expect(audit.goroutines).toBe(315);
  expect(audit.tracks).toBeLessThan(50);
  expect(slicesByCategory(trace)['goroutine']?.count).toBe(315);
});

test('an audit that does not add up is an error, not a file', () => {
  const expected = { states: true, slices: () => true };
  const missing = new PerfettoAudit();
  missing.kinds[SpanKind.running]!.spans++;
  expect(() => missing.check(expected)).toThrow('running spans: 1 came in, 0 are accounted for');
  const shorter = new PerfettoAudit();
  shorter.lives.ns.add(10);
  expect(() => shorter.check(expected)).toThrow('ns of goroutine lives: 10 came in, 0 are accounted for');
  const noArrow = new PerfettoAudit();
  noArrow.flows.wakeups++;
  expect(() => noArrow.check(expected)).toThrow('wake-ups: 1 came in, 0 are accounted for');
});
