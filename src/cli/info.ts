/** `gotape info`: what a trace is. */
import { ExitCode } from '../base/errors.js';
import { printableJson } from '../base/text.js';
import { losesTransitions } from '../model/trace-facts.js';
import { describeInfo, type InfoFacts } from '../report/info-text.js';
import { openTrace, type TraceFile } from '../trace/open-trace.js';
import type { Context, Outcome } from './context.js';

/** What `gotape info --json` prints. */
export interface TraceInfo extends InfoFacts {
  readonly schema: 'gotape.info/1';
}

export async function runInfo(ctx: Context, args: { file: string; json: boolean }): Promise<Outcome> {
  using trace = await openTrace(args.file);
  const info = await collectInfo(args.file, trace);
  ctx.stdout.write(args.json ? `${printableJson(info, 2)}\n` : describeInfo(info));
  const incomplete = info.lost + info.lostDetails > 0 || info.damage.length > 0;
  return { exitCode: incomplete ? ExitCode.dataLoss : ExitCode.ok };
}

async function collectInfo(file: string, trace: TraceFile): Promise<TraceInfo> {
  const counted = await countRows(trace);
  const { facts, summary } = trace;
  // When the disk was full, what could not be written has no gap either.
  const lost = Math.max(counted.lost, summary === undefined ? 0 : summary.losses.dropped + summary.losses.faulted);
  return {
    schema: 'gotape.info/1',
    file,
    bytes: trace.sizeBytes,
    header: facts,
    startedAt: isoTime(facts.start.realtimeNs),
    durationNs: Math.max(0, trace.endNs - (facts.window?.fromNs ?? 0)),
    stopReason: summary?.stopReason ?? 'unknown: the recorder did not finish the file',
    ...counted,
    lost,
    segments: trace.segmentCount,
    bytesPerTransition: counted.transitions > 0 ? trace.sizeBytes / counted.transitions : 0,
    losses: summary?.losses,
    cost: summary?.cost,
    tables: trace.measureTables(),
    damage: trace.damage,
  };
}

type RowCounts = Pick<
  InfoFacts,
  'transitions' | 'goroutines' | 'lost' | 'stacks' | 'calls' | 'osChanges' | 'lostDetails'
>;

/** Counts what is really there: the summary may be missing, or wrong about a file that was damaged later. */
async function countRows(trace: TraceFile): Promise<RowCounts> {
  const counts = { transitions: 0, goroutines: 0, lost: 0, stacks: 0, calls: 0, osChanges: 0, lostDetails: 0 };
  for await (const segment of trace.segments()) {
    counts.transitions += segment.transitions.length;
    counts.goroutines += segment.goroutines.filter(({ origin }) => origin !== 'relabelled').length;
    counts.stacks += segment.stacks?.length ?? 0;
    counts.calls += segment.calls?.length ?? 0;
    counts.osChanges += segment.osSchedule?.length ?? 0;
    for (const gap of segment.gaps) counts[losesTransitions(gap) ? 'lost' : 'lostDetails'] += gap.lost;
  }
  return counts;
}

function isoTime(realtimeNs: string): string {
  const date = new Date(Number(BigInt(realtimeNs) / 1_000_000n));
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString();
}
