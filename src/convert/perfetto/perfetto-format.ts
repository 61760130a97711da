import type { ConvertContext, ConvertFormat, TrackChoice } from '../format.js';
import { PerfettoAudit } from './audit.js';
import { Calls } from './calls.js';
import { GoroutineLabels } from './goroutine-labels.js';
import type { Layout, Parts } from './layout.js';
import { Lives } from './lives.js';
import { Losses } from './losses.js';
import { NativeLayout } from './native-layout.js';
import { NativeThreads } from './native-threads.js';
import { OsThreads } from './os-threads.js';
import { Packets } from './packets.js';
import { PerfettoWriter } from './perfetto-writer.js';
import { Places } from './places.js';
import { Programs } from './programs.js';
import { SliceNames } from './slice-names.js';
import { StackTexts } from './stack-texts.js';
import { TreeLayout, treeLanes } from './tree-layout.js';
import { Uuids } from './uuids.js';

export const perfettoFormat: ConvertFormat = {
  name: 'perfetto',
  title: 'Perfetto trace: goroutines as threads, Ps as CPUs; --layout tree: tracks of events with arrows for wake-ups',
  opens: 'https://ui.perfetto.dev',
  extension: '.pftrace',
  layouts: ['native', 'tree'],
  tracks: ['goroutines', 'threads', 'counters', 'flows'],
  open: async (context) => openPerfetto(context),
};

/** @throws UserError when the output cannot be made */
export async function openPerfetto(context: ConvertContext): Promise<PerfettoWriter> {
  const { goroutines, options } = context;
  const packets = new Packets(await context.output.create());
  const uuids = new Uuids();
  const { arch } = context.source.facts.host;
  const shows = (track: TrackChoice) => options.tracks?.has(track) ?? true;
  const threads =
    options.layout === 'tree' ? undefined : new NativeThreads(packets, uuids, context.source.facts.window?.fromNs ?? 0);
  const parts = partsOf(context, packets, uuids, threads);
  const layout: Layout =
    threads === undefined ? new TreeLayout(parts, shows('flows')) : new NativeLayout(parts, threads);
  const extras = {
    counters: shows('counters'),
    losses: new Losses(parts, layout.placeOfLosses),
    calls: new Calls(parts),
    osThreads: shows('threads') ? new OsThreads(parts, arch) : undefined,
  };
  return new PerfettoWriter({ parts, goroutines, layout, extras, showsGoroutines: shows('goroutines') });
}

function partsOf(
  { source, goroutines }: ConvertContext,
  packets: Packets,
  uuids: Uuids,
  threads: NativeThreads | undefined,
): Parts {
  const audit = new PerfettoAudit();
  const window = source.facts.window ?? { fromNs: 0, toNs: Number.POSITIVE_INFINITY };
  const programs = new Programs(source.facts.targets, goroutines, threads?.makeLane ?? treeLanes(uuids));
  const labels = new GoroutineLabels(packets, goroutines);
  return {
    window,
    packets,
    uuids,
    audit,
    programs,
    labels,
    places: new Places(audit.runs),
    lives: new Lives({ packets, programs, goroutines, labels, audit }),
    names: new SliceNames(packets, source.reasons),
    stacks: new StackTexts(packets),
  };
}
