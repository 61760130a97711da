/** A small trace with everything that `--stacks`, `--call`, `--sched` and pprof labels add. */
import type { CallInfo } from '../../src/model/call.js';
import { NO_SYSCALL, type OsScheduleBatch, OsScheduleList, OsState } from '../../src/model/os-schedule.js';
import type { FrameInfo, StackInfo } from '../../src/model/stack.js';
import type { Gap, GoroutineInfo } from '../../src/model/trace-facts.js';
import type { SegmentDetails, TraceSource } from '../../src/model/trace-segment.js';
import { DEFAULT_PID, textTrace } from './text-trace.js';

export interface OsRow {
  readonly timeNs: number;
  readonly tid: number;
  readonly state: number;
  readonly cpu?: number;
  readonly pid?: number;
  readonly syscall?: number;
}

export function osSchedule(rows: readonly OsRow[]): OsScheduleList {
  const list = new OsScheduleList();
  list.reserve(rows.length);
  list.length = rows.length;
  for (const [i, { timeNs, tid, state, cpu = 0, pid = DEFAULT_PID, syscall = NO_SYSCALL }] of rows.entries()) {
    list.timeNs[i] = timeNs;
    list.pid[i] = pid;
    list.tid[i] = tid;
    list.cpu[i] = cpu;
    list.state[i] = state;
    list.syscall[i] = syscall;
  }
  return list;
}

export function frame(id: number, name: string, line: number, rest: Partial<FrameInfo> = {}): FrameInfo {
  return { id, function: name, file: '/src/main.go', line, inlined: false, ...rest };
}

export function call(startNs: number, endNs: number, rest: Partial<CallInfo> = {}): CallInfo {
  const plain = { pid: DEFAULT_PID, goid: 2, tid: 9, function: 'main.(*Server).Handle', depth: 0 };
  return { ...plain, startNs, endNs, outcome: 'returned', arguments: 'n=3 name="x" err=nil', ...rest };
}

/** What the segments hold besides the rows, by their number. */
const details: readonly SegmentDetails[] = [
  {
    frames: [frame(1, 'main.worker', 12), frame(2, 'main.wait', 30, { inlined: true })],
    stacks: [{ id: 1, frames: [2, 1], truncated: false }],
    osSchedule: osSchedule([
      { timeNs: 90, tid: 9, state: OsState.onCpu, cpu: 1 },
      { timeNs: 160, tid: 9, state: OsState.preempted, cpu: 1 },
    ]),
  },
  {
    frames: [frame(3, 'net/http.(*conn).serve', 2000, { file: '/usr/local/go/src/net/http/server.go' })],
    stacks: [{ id: 7, frames: [2, 1, 3], truncated: true }],
    calls: [call(160, 190, { depth: 1 }), call(120, 200, { outcome: 'unwound', arguments: '' })],
  },
  {
    calls: [call(310, 350), call(250, 500, { outcome: 'unfinished', function: 'main.(*Server).Run' })],
    osSchedule: osSchedule([
      { timeNs: 300, tid: 9, state: OsState.onCpu, cpu: 3 },
      { timeNs: 320, tid: 9, state: OsState.sleeping, cpu: 3, syscall: 202 },
      { timeNs: 410, tid: 9, state: OsState.exited, cpu: 3 },
    ]),
  },
];

const text = `
  created 2 1 main.worker at=100
  100 2 dead runnable waker=1 tid=9 cpu=1
  150 2 runnable running p=0 tid=9 cpu=1
  170 2 running waiting reason=select tid=9 cpu=1 stack=1
  180 2 waiting runnable tid=9 cpu=1 by=timer
  190 2 runnable running p=0 tid=9 cpu=1
  segment
  gap 150 200 3
  200 2 running waiting reason=chan_receive tid=9 cpu=1 stack=7
  segment
  300 2 waiting runnable waker=1 tid=9
  310 2 runnable running p=1 tid=9
  390 2 running waiting reason=select tid=9 cpu=1 stack=1
  395 2 waiting runnable tid=9 cpu=1 by=timer
  398 2 runnable running p=0 tid=9 cpu=1
  400 2 running dead tid=9
  end 500`;

/** Three segments: stacks, calls, an OS schedule, labels that change, and gaps of other streams. */
export function detailedTrace(): TraceSource {
  const plain = textTrace(text);
  return {
    ...plain,
    get reasons() {
      return plain.reasons;
    },
    async *segments() {
      for await (const segment of plain.segments()) {
        const { index } = segment;
        const goroutines = segment.goroutines.map((info) => ({
          ...info,
          createdBy: 'main.main /src/main.go:31',
          labels: [{ key: 'endpoint', value: '/login' }],
        }));
        const relabelled = {
          pid: DEFAULT_PID,
          goid: 2,
          firstSeenNs: 305,
          origin: 'relabelled' as const,
          parentGoid: 0,
          startFunction: '',
          createdBy: '',
          labels: [
            { key: 'endpoint', value: '/logout' },
            { key: 'user', value: 'Ünal "x"' },
          ],
        };
        const lostCalls = { fromNs: 200, toNs: 260, lost: 5, why: 'ring full', stream: 'calls' };
        yield {
          ...segment,
          goroutines: index === 2 ? [relabelled] : goroutines,
          gaps: index === 2 ? [lostCalls] : segment.gaps,
          ...details[index],
        };
      }
    },
  };
}

/** Everything that a trace says besides its rows. */
export interface Told {
  readonly frames: FrameInfo[];
  readonly stacks: StackInfo[];
  readonly calls: CallInfo[];
  readonly os: OsRow[];
  readonly goroutines: GoroutineInfo[];
  readonly gaps: Gap[];
  readonly rowStacks: number[];
}

export async function allOf(source: Pick<TraceSource, 'segments'>): Promise<Told> {
  const told: Told = { frames: [], stacks: [], calls: [], os: [], goroutines: [], gaps: [], rowStacks: [] };
  for await (const segment of source.segments()) {
    told.frames.push(...(segment.frames ?? []));
    told.stacks.push(...(segment.stacks ?? []));
    told.calls.push(...(segment.calls ?? []));
    for (const row of osRows(segment.osSchedule)) told.os.push(row);
    told.goroutines.push(...segment.goroutines);
    told.gaps.push(...segment.gaps);
    told.rowStacks.push(...segment.transitions.stack.subarray(0, segment.transitions.length));
  }
  return told;
}

function osRows(batch: OsScheduleBatch | undefined): OsRow[] {
  if (batch === undefined) return [];
  return Array.from({ length: batch.length }, (_, i) => ({
    timeNs: batch.timeNs[i]!,
    pid: batch.pid[i]!,
    tid: batch.tid[i]!,
    cpu: batch.cpu[i]!,
    state: batch.state[i]!,
    syscall: batch.syscall[i]!,
  }));
}
