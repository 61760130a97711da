/** Header and summary without what they tell about host, command line and program. */
import type { ClockFact, HostFact, SourceFact, TargetFact, TraceFacts } from '../../../model/trace-facts.js';
import type { NameRedactor } from './name-redactor.js';
import type { Pseudonyms } from './pseudonyms.js';
import { publicArch, publicGoVersion, publicKernel, publicProducer } from './public-facts.js';
import { REDACTED } from './public-text.js';

export interface HeaderRedaction {
  readonly names: NameRedactor;
  readonly pseudonyms: Pseudonyms;
  /** Free text without sensitive strings. */
  readonly scrub: (text: string) => string;
  readonly pidOf: (pid: number) => number;
  /** A change of the clocks of the host whose start is given. */
  readonly clocksOf: (start: ClockFact) => (clocks: ClockFact) => ClockFact;
  readonly keepNotes: boolean;
}

export function redactHeader(facts: TraceFacts, by: HeaderRedaction): TraceFacts {
  const { pseudonyms, scrub } = by;
  const { window, sources } = facts;
  return {
    ...facts,
    producer: publicProducer(facts.producer) || pseudonyms.of('text', facts.producer),
    host: redactHost(facts.host, by),
    start: by.clocksOf(facts.start)(facts.start),
    targets: facts.targets.map((target) => redactTarget(target, by)),
    probes: facts.probes.map((probe) => ({
      ...probe,
      symbol: by.names.functionName(probe.symbol),
      instruction: scrub(probe.instruction),
      why: scrub(probe.why),
    })),
    invisible: [REDACTED, ...facts.invisible.filter((text) => text !== REDACTED).map(scrub)],
    notes: by.keepNotes ? facts.notes : [],
    ...(window === undefined
      ? {}
      : { window: { ...window, functions: window.functions.map((glob) => pseudonyms.of('func', glob)) } }),
    ...(sources === undefined ? {} : { sources: sources.map((source) => redactSource(source, by)) }),
  };
}

function redactHost(host: HostFact, { pseudonyms }: HeaderRedaction): HostFact {
  return {
    hostname: pseudonyms.of('host', host.hostname),
    kernel: publicKernel(host.kernel),
    arch: publicArch(host.arch) || pseudonyms.of('arch', host.arch),
    bootId: pseudonyms.uuid(host.bootId),
    cpus: host.cpus,
  };
}

/** A trace that this one was merged from. */
function redactSource(source: SourceFact, by: HeaderRedaction): SourceFact {
  const clocks = by.clocksOf(source.start);
  return {
    ...source,
    producer: publicProducer(source.producer) || by.pseudonyms.of('text', source.producer),
    host: redactHost(source.host, by),
    start: clocks(source.start),
    end: clocks(source.end),
    alignment: by.scrub(source.alignment),
    pids: source.pids.map(({ pid, original }) => ({ pid: by.pidOf(pid), original: by.pidOf(original) })),
    stopReason: by.scrub(source.stopReason),
  };
}

function redactTarget(target: TargetFact, { names, pseudonyms, scrub, pidOf }: HeaderRedaction): TargetFact {
  const executable = names.path(target.executable, 'exe');
  return {
    pid: pidOf(target.pid),
    executable: target.executable === '' ? '' : executable,
    commandLine: target.commandLine.map((argument) =>
      argument === target.executable ? executable : pseudonyms.of('arg', argument),
    ),
    goVersion: publicGoVersion(target.goVersion) || pseudonyms.of('text', target.goVersion),
    buildId: pseudonyms.of('build', target.buildId),
    arch: publicArch(target.arch) || pseudonyms.of('arch', target.arch),
    layout: target.layout.map(({ name, offset, source }) => ({ name: scrub(name), offset, source: scrub(source) })),
    warnings: target.warnings.map(scrub),
  };
}
