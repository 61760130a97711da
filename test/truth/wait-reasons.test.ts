/** A program whose goroutines each wait in one way, a known number of times: the trace says the same. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GoState } from '../../src/model/go-state.js';
import { PREEMPTED_REASON } from '../../src/model/wait-reason.js';
import { describeWithBpf } from '../support/bpf-available.js';
import { ALL_TOOLCHAINS, buildGo, type Toolchain } from '../support/go-build.js';
import { expectAccounting, expectComplete } from './expectations.js';
import { type Recorded, recordCommand, Workspace } from './record-trace.js';
import { changeOf, countOf, isBlocking, type Row, rowsOf, type TraceRows } from './trace-rows.js';

/** What the program prints. */
interface Report {
  readonly Rounds: number;
  readonly Trips: number;
  readonly FileReads: number;
  readonly Yields: number;
  readonly Collections: number;
  readonly Main: number;
  readonly Goids: Readonly<Record<string, number>>;
  readonly Waiters: Readonly<Record<string, number>>;
}

const toolchains: readonly Toolchain[] =
  process.env['GOTAPE_ALL_GO'] === '1' ? ALL_TOOLCHAINS : ['1.19.13', '1.22.12', '1.24.13', '1.26.8', '1.27.1'];

for (const toolchain of toolchains) {
  describeWithBpf(`waits of Go ${toolchain}`, () => {
    const minor = Number(toolchain.split('.')[1]);
    const workspace = new Workspace();
    let recorded: Recorded;
    let report: Report;
    const goroutine = (name: string) => rowsOf(recorded.trace, report.Goids[name] ?? -1);

    beforeAll(async () => {
      recorded = await recordCommand(workspace, [workspace.ownCopy(buildGo('waits/main.go', { toolchain }))]);
      report = JSON.parse(recorded.stdout) as Report;
    });
    afterAll(() => workspace[Symbol.dispose]());

    test('are all in the trace', () => {
      expectComplete(recorded);
      expectAccounting(recorded);
    });

    test('are counted exactly, each with its reason, and each waker is the one who woke', () => {
      expect(Object.keys(report.Waiters)).toHaveLength(9);
      for (const [reason, goid] of Object.entries(report.Waiters)) {
        const rows = rowsOf(recorded.trace, goid);
        expect(reasonsOf(rows)).toEqual({ [nameIn(minor, reason)]: report.Rounds });
        if (reason !== 'IO wait') expect(wakersOf(rows)).toEqual({ [`goroutine ${report.Main}`]: report.Rounds });
      }
    });

    test('on the network end by netpoll', () => {
      const wakers = wakersOf(rowsOf(recorded.trace, report.Waiters['IO wait'] ?? -1));
      // Whoever starts the world again, here main, polls the network before it goes on.
      const { netpoll = 0, [`goroutine ${report.Main}`]: byMain = 0, ...others } = wakers;
      expect(others).toEqual({});
      expect(netpoll + byMain).toBe(report.Rounds);
      expect(netpoll).toBeGreaterThan(report.Rounds / 2);
    });

    test('in time.Sleep end by a timer', () => {
      expect(reasonsOf(goroutine('sleeper'))).toEqual({ sleep: report.Rounds });
      expect(wakersOf(goroutine('sleeper'))).toEqual({ timer: report.Rounds });
    });

    test('of two goroutines that pass a value are one for each value, and each wakes the other', () => {
      const [pinger, ponger] = [goroutine('pinger'), goroutine('ponger')];
      const all = [...pinger, ...ponger].filter(isBlocking);
      const waits = all.filter(({ reason }) => reason === 'chan receive' || reason === 'chan send');
      // Of the two that meet at an unbuffered channel, the first one waits. The close wakes or is seen.
      expect([report.Trips * 2, report.Trips * 2 + 1]).toContain(waits.length);
      // They announce themselves under one lock, where one may wait for the other.
      const others = all.filter((wait) => !waits.includes(wait)).map(({ reason }) => reason);
      expect(['', nameIn(minor, 'sync.Mutex.Lock')]).toContain(others.join());
      expect(Object.keys(wakersOf(pinger))).toEqual([`goroutine ${report.Goids['ponger']}`]);
      expect(Object.keys(wakersOf(ponger))).toEqual([`goroutine ${report.Goids['pinger']}`]);
    });

    test('do not hide system calls and yields, which are counted too', () => {
      expect(countOf(goroutine('fileReader'), 'running→syscall')).toBe(report.FileReads);
      const yields = countOf(goroutine('yielder'), 'running→runnable');
      expect(yields).toBeGreaterThanOrEqual(report.Yields);
      expect(yields).toBeLessThan(report.Yields * 1.1); // the scheduler may stop it once more
    });

    if (minor < 20) return; // the reason in memory is stale there
    test('of the collector: each cycle is ended once, on the system stack', () => {
      const ends = recorded.trace.rows.filter(({ reason }) => reason === 'garbage collection');
      expect(ends).toHaveLength(report.Collections);
      expect(report.Collections).toBe(5);
    });
  });
}

for (const toolchain of ['1.23.12', '1.27.1'] as const) {
  describeWithBpf(`iter.Pull of Go ${toolchain}`, () => {
    const workspace = new Workspace();
    let trace: TraceRows;

    beforeAll(async () => {
      ({ trace } = await recordCommand(workspace, [workspace.ownCopy(buildGo('iter-pull/main.go', { toolchain }))]));
    });
    afterAll(() => workspace[Symbol.dispose]());

    test('switches to the iterator and back once for each value, and once for the end', () => {
      const iterator = trace.rows.find(({ from, to }) => from === GoState.dead && to === GoState.waiting)?.goid ?? 0;
      expect(countChanges(rowsOf(trace, iterator), 'coroutine')).toEqual({
        'dead→waiting': 1,
        'waiting→running': 1001,
        'running→waiting': 1000,
        'running→dead': 1,
      });
      expect(rowsOf(trace, 1).filter(({ reason }) => reason === 'coroutine')).toHaveLength(1001);
    });
  });
}

/** Before Go 1.20 every lock, and before 1.24 a WaitGroup, waited for a semaphore, without a name of its own. */
function nameIn(minor: number, reason: string): string {
  const namedFrom = reason === 'sync.WaitGroup.Wait' ? 24 : /^sync\.(RW)?Mutex/.test(reason) ? 20 : 0;
  return minor < namedFrom ? 'semacquire' : reason;
}

function reasonsOf(rows: readonly Row[]): Record<string, number> {
  return tally(rows.filter(isBlocking).map(({ reason }) => reason));
}

/** Who ended the waits; a goroutine that was stopped for a stack scan was not woken. */
function wakersOf(rows: readonly Row[]): Record<string, number> {
  const wakeUps = rows.filter(
    ({ from, to }, i) =>
      from === GoState.waiting && to === GoState.runnable && rows[i - 1]?.reason !== PREEMPTED_REASON,
  );
  return tally(wakeUps.map(({ waker, wakeSource }) => (waker === 0 ? wakeSource : `${wakeSource} ${waker}`)));
}

/** Changes without those that a stack scan brings. */
function countChanges(rows: readonly Row[], reason: string): Record<string, number> {
  return tally(rows.filter((row) => row.to !== GoState.waiting || row.reason === reason).map(changeOf));
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
