/** TraceHeader and TraceSummary of schemas/trace.proto ↔ plain objects. */
import Long from 'long';
import { errorText, UserError } from '../base/errors.js';
import type { LayoutFact, TraceFacts, TraceSummary } from '../model/trace-facts.js';
import { gotape } from './gen/trace.js';
import { decodeSource, decodeWindow, encodeSource, encodeWindow } from './header-parts.js';
import { decodeClocks, decodeHost, encodeClocks, toNumber } from './header-values.js';

/** Major version that this gotape writes, and the newest that it reads. */
export const FORMAT_VERSION = 1;

export function encodeHeader(facts: TraceFacts): Uint8Array {
  const message = gotape.TraceHeader.create({
    ...facts,
    invisible: [...facts.invisible],
    notes: [...facts.notes],
    start: encodeClocks(facts.start),
    targets: facts.targets.map((target) => ({
      ...target,
      innerPid: target.innerPid ?? 0,
      commandLine: [...target.commandLine],
      warnings: [...target.warnings],
      layout: target.layout.map((field) => ({ ...field })),
    })),
    probes: facts.probes.map((probe) => ({ ...probe })),
    window: facts.window ? encodeWindow(facts.window) : null,
    sources: facts.sources?.map(encodeSource) ?? [],
    options: {
      bufferBytes: Long.fromNumber(facts.options.bufferBytes, true),
      zstdLevel: facts.options.zstdLevel,
      durationNs: Long.fromNumber(facts.options.durationNs, true),
      maxBytes: Long.fromNumber(facts.options.maxBytes, true),
    },
  });
  return gotape.TraceHeader.encode(message).finish();
}

/** @throws UserError for bytes that are no header, and for a newer major version */
export function decodeHeader(bytes: Uint8Array): TraceFacts {
  const header = decodeMessage('gotape.pb', () => gotape.TraceHeader.decode(bytes));
  if (header.formatVersion > FORMAT_VERSION) {
    throw new UserError(
      `is a trace of format version ${header.formatVersion}, written by ${header.producer || 'a newer gotape'}; this gotape ` +
        `reads up to version ${FORMAT_VERSION}: install a newer one`,
    );
  }
  if (header.formatVersion === 0 || !header.start)
    throw new UserError('gotape.pb: is not the header of a gotape trace');
  const { host, options } = header;
  return {
    formatVersion: header.formatVersion,
    producer: header.producer,
    host: decodeHost(host),
    start: decodeClocks(header.start),
    targets: header.targets.map((target) => ({
      pid: target.pid ?? 0,
      executable: target.executable ?? '',
      commandLine: target.commandLine ?? [],
      goVersion: target.goVersion ?? '',
      buildId: target.buildId ?? '',
      arch: target.arch ?? '',
      layout: (target.layout ?? []).map(decodeLayoutField),
      warnings: target.warnings ?? [],
      ...(target.innerPid ? { innerPid: target.innerPid } : {}),
    })),
    probes: header.probes.map((probe) => ({
      symbol: probe.symbol ?? '',
      attached: probe.attached ?? false,
      offset: probe.offset ?? 0,
      instruction: probe.instruction ?? '',
      emulated: probe.emulated ?? false,
      why: probe.why ?? '',
    })),
    invisible: header.invisible,
    notes: header.notes,
    ...(header.window ? { window: decodeWindow(header.window) } : {}),
    ...(header.sources.length > 0 ? { sources: header.sources.map(decodeSource) } : {}),
    options: {
      bufferBytes: toNumber(options?.bufferBytes),
      zstdLevel: options?.zstdLevel ?? 0,
      durationNs: toNumber(options?.durationNs),
      maxBytes: toNumber(options?.maxBytes),
    },
  };
}

export function encodeSummary(summary: TraceSummary): Uint8Array {
  const { losses, cost } = summary;
  const long = (value: number) => Long.fromNumber(value, true);
  const message = gotape.TraceSummary.create({
    end: encodeClocks(summary.end),
    transitions: long(summary.transitions),
    segments: summary.index.length,
    goroutines: long(summary.goroutines),
    losses: Object.fromEntries(Object.entries(losses).map(([name, count]) => [name, long(count)])),
    cost: {
      userCpuNs: long(cost.userCpuNs),
      systemCpuNs: long(cost.systemCpuNs),
      peakRssBytes: long(cost.peakRssBytes),
      startupCpuNs: long(cost.startupCpuNs),
    },
    stopReason: summary.stopReason,
    index: summary.index.map((segment) => ({
      firstNs: long(segment.firstNs),
      lastNs: long(segment.lastNs),
      rows: segment.rows,
      lost: segment.lost,
    })),
    repaired: [...(summary.repaired ?? [])],
  });
  return gotape.TraceSummary.encode(message).finish();
}

/** @throws UserError */
export function decodeSummary(bytes: Uint8Array): TraceSummary {
  const summary = decodeMessage('summary.pb', () => gotape.TraceSummary.decode(bytes));
  const { losses, cost } = summary;
  return {
    end: decodeClocks(summary.end ?? {}),
    transitions: toNumber(summary.transitions),
    goroutines: toNumber(summary.goroutines),
    losses: {
      hits: toNumber(losses?.hits),
      paired: toNumber(losses?.paired),
      submitted: toNumber(losses?.submitted),
      dropped: toNumber(losses?.dropped),
      faulted: toNumber(losses?.faulted),
      filtered: toNumber(losses?.filtered),
      partial: toNumber(losses?.partial),
      folded: toNumber(losses?.folded),
      unnamed: toNumber(losses?.unnamed),
      mismatched: toNumber(losses?.mismatched),
      clamped: toNumber(losses?.clamped),
    },
    cost: {
      userCpuNs: toNumber(cost?.userCpuNs),
      systemCpuNs: toNumber(cost?.systemCpuNs),
      peakRssBytes: toNumber(cost?.peakRssBytes),
      startupCpuNs: toNumber(cost?.startupCpuNs),
    },
    stopReason: summary.stopReason,
    index: summary.index.map((segment) => ({
      firstNs: toNumber(segment.firstNs),
      lastNs: toNumber(segment.lastNs),
      rows: segment.rows ?? 0,
      lost: segment.lost ?? 0,
    })),
    ...(summary.repaired.length > 0 ? { repaired: summary.repaired } : {}),
  };
}

function decodeLayoutField(field: gotape.ILayoutField): LayoutFact {
  return { name: field.name ?? '', offset: field.offset ?? 0, source: field.source ?? '' };
}

function decodeMessage<T>(entry: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new UserError(`${entry}: not readable protobuf (${errorText(error)})`, { cause: error });
  }
}
