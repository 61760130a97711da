import { expect, test } from 'vitest';
import { ConvertAudit } from '../../src/convert/audit.js';
import { SpanKind } from '../../src/model/span.js';
import type { TargetFact } from '../../src/model/trace-facts.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { convertToChrome } from '../support/convert-to-chrome.js';
import { textTrace, traceOf } from '../support/text-trace.js';
import { checkTraceEvents, MemorySink, slicesByTrack, trackNames } from './trace-event-rules.js';

async function converted(source: TraceSource) {
  const sink = new MemorySink();
  const { audit } = await convertToChrome(source, sink);
  const events = checkTraceEvents(sink.text);
  return { text: sink.text, events, audit, names: trackNames(events), tracks: slicesByTrack(events) };
}

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

const PING = `
  created 1 0 main.main
  created 7 1 main.worker at=1000
  0       1 dead     runnable
  500     1 runnable running   p=0 tid=11 cpu=3
  1000    7 dead     runnable  waker=1
  2001    1 running  waiting   reason=chan_receive
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

test('two goroutines become this file', async () => {
  const { text } = await converted(textTrace(PING, { targets: [target(1, '/srv/ping')] }));
  expect(text.split('\n')).toMatchSnapshot();
});

test('a goroutine that blocks to the end is visible, and named as what it was last', async () => {
  const { tracks } = await converted(
    textTrace(
      'created 1 0 main.main\n0 1 dead runnable\n5 1 runnable running\n9 1 running waiting reason=select\nend 5000',
    ),
  );
  const last = [...tracks.values()].flat().at(-1);
  expect(last?.event.name).toMatch(/^unknown \(last seen: (waiting|select)\)$/);
  expect(last).toMatchObject({ startNs: 9, endNs: 5000 });
});

test('time before the first event of a goroutine is shown as unknown', async () => {
  const { tracks } = await converted(
    textTrace('found 4 main.old\n2000 4 waiting runnable waker=9\n3000 4 runnable running p=0\nend 3000'),
  );
  const slices = tracks.get('1/1004');
  expect(slices?.map(({ event }) => event.name)).toEqual(['unknown (first seen: waiting)', 'runnable']);
  expect(slices?.[1]?.event.args).toEqual({ 'woken by': 'G9' });
});

test('spans of no length are left out and counted', async () => {
  const { audit } = await converted(
    textTrace('created 1 0 main.main\n5 1 dead runnable\n5 1 runnable running p=0\n8 1 running dead\nend 8'),
  );
  expect(audit.of(SpanKind.runnable)).toMatchObject({ spans: 1, slices: 0, zeroLength: 1 });
  expect(audit.zeroLength).toBe(1);
});

test('goroutine ids beyond 32 bits get small track ids and keep their name', async () => {
  const { names, events } = await converted(
    textTrace(`
      created 5000000000 0 main.big
      created 4294967295 0 main.edge
      0 5000000000 dead runnable
      5 5000000000 runnable running p=0
      5 4294967295 dead runnable
      6 4294967295 runnable running p=1
      end 90`),
  );
  expect([...names.values()]).toContain('G5000000000 main.big');
  const running = events.filter(({ name }) => name.startsWith('unknown'));
  expect(running.map(({ args }) => args?.['goid'])).toEqual([5_000_000_000, 4_294_967_295]);
  expect(new Set(running.map(({ tid }) => tid)).size).toBe(2);
});

test('two goroutines that claim one P at the same time do not overlap there', async () => {
  const { audit, tracks } = await converted(
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
  expect(tracks.get('1/100')?.map(({ startNs, endNs, event }) => [event.name, startNs, endNs])).toEqual([
    ['main.b', 200, 300],
    ['main.a', 300, 400],
  ]);
  expect(audit.ps).toMatchObject({ spans: 2, slices: 2, shortened: 1, overlapping: 0 });
});

test('from a hundred goroutines on there is a group for the Ps and one for each start function', async () => {
  const lines = Array.from(
    { length: 100 },
    (_, i) => `created ${i + 1} 1 ${i < 60 ? 'main.worker' : 'main.other'}\n${i} ${i + 1} dead runnable`,
  );
  const { names } = await converted(textTrace(`${lines.join('\n')}\nend 500`, { targets: [target(1, '/srv/app')] }));
  const processes = [...names].filter(([id]) => !id.includes('/')).map(([, name]) => name);
  expect(processes).toEqual(['Ps of app', 'main.worker ×60', 'main.other ×40']);
  expect(names.get('1001/1')).toBe('lane');
});

test('traced programs are kept apart, though their goroutine ids are the same', async () => {
  const { names, events } = await converted(
    textTrace(
      `created 1 0 main.main pid=5000
       created 1 0 main.main pid=6000
       0 1 dead runnable pid=5000
       3 1 dead runnable pid=6000
       10 1 runnable running pid=5000 p=0
       20 1 runnable running pid=6000 p=0
       30 1 running dead pid=5000
       40 1 running dead pid=6000
       end 40`,
      { targets: [target(5000, '/srv/a'), target(6000, '/srv/b')] },
    ),
  );
  expect([names.get('5000'), names.get('6000')]).toEqual(['a', 'b']);
  expect(new Set(events.filter(({ cat }) => cat === 'running').map(({ pid, tid }) => `${pid}/${tid}`)).size).toBe(2);
});

test('losses are instants and slices, side by side where they overlap', async () => {
  const { events, audit } = await converted(
    textTrace('gap 100 900 12\ngap 500 1000 3\ngap 1000 1000 1\ncreated 1 0 f\n0 1 dead runnable\nend 2000'),
  );
  const lost = events.filter(({ cat }) => cat === 'lost');
  expect(lost.filter(({ ph }) => ph === 'i')).toHaveLength(3);
  expect(lost.filter(({ ph }) => ph === 'X').map(({ name, tid }) => [name, tid])).toEqual([
    ['12 events lost (ring full)', 10],
    ['3 events lost (ring full)', 11],
  ]);
  expect(audit.gaps).toBe(3);
  expect(events.find(({ cat }) => cat === 'unknown')?.args).toEqual({ 'events lost': 'yes' });
});

test('names that could break a page or a terminal arrive as text', async () => {
  const startFunction = '</script><img src=x onerror="alert(1)">\\\u0000\u001b[2J\n\ud800';
  const info = {
    pid: 1,
    goid: 1,
    firstSeenNs: 0,
    origin: 'created',
    parentGoid: 0,
    startFunction,
    createdBy: startFunction,
  } as const;
  const { names, text } = await converted(
    traceOf([{ rows: [], goroutines: [info], gaps: [{ fromNs: 0, toNs: 5, lost: 1, why: startFunction }] }], 50),
  );
  expect([...names.values()]).toContain('G1 </script><img src=x onerror="alert(1)">\\\ufffd\ufffd[2J\ufffd\ufffd');
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

test('a trace without any goroutine is still a file that parses', async () => {
  const { events } = await converted(textTrace('end 0'));
  expect(events.map(({ ph }) => ph)).toEqual(['M']);
});

test('counters show the goroutines in each state', async () => {
  const { events } = await converted(textTrace(PING));
  const counters = events.filter(({ ph }) => ph === 'C');
  expect(counters.map(({ ts, args }) => [ts, args])).toMatchSnapshot();
});

test('an audit that does not add up is an error, not a file', () => {
  const audit = new ConvertAudit();
  audit.of(SpanKind.running).spans++;
  expect(() => audit.check()).toThrow('running spans: 1 came in, 0 are accounted for');
});

test('lost time is found by the audit though the numbers of spans agree', () => {
  const audit = new ConvertAudit();
  audit.lifeNs.add(10);
  expect(() => audit.check()).toThrow('ns of goroutine lives: 10 came in, 0 are accounted for');
});
