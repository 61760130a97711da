/**
 * The kernel's own count of how often an instruction was reached: a uprobe of its own, through tracefs
 * (Documentation/trace/uprobetracer.rst), which shares nothing with gotape but the breakpoint.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { FileSource } from '../../src/base/file-source.js';
import type { ProbePoint } from '../../src/goexe/go-executable.js';
import { inspectGoExecutable } from '../../src/goexe/inspect-go-executable.js';

const TRACEFS = '/sys/kernel/tracing';
const GROUP = 'gotape_test';

/** Reached when a goroutine's labels change, not its state: no hit. */
const SET_LABELS = 'runtime/pprof.runtime_setProfLabel';

/** Where gotape puts its probes for changes of state. */
export function probePointsOf(executable: string): readonly ProbePoint[] {
  using source = new FileSource(executable);
  const { probes } = inspectGoExecutable(source, executable);
  return probes.filter((probe) => probe.present).filter(({ symbol }) => symbol !== SET_LABELS);
}

export class KernelCount implements Disposable {
  readonly #names: readonly string[];

  /** Counts from now on, in every process that runs this file. */
  constructor(executable: string) {
    mountTracefs();
    this.#names = probePointsOf(executable).map(({ fileOffset }, i) => {
      const name = `p${process.pid}_${i}_${Date.now().toString(36)}`;
      appendFileSync(`${TRACEFS}/uprobe_events`, `p:${GROUP}/${name} ${executable}:0x${fileOffset.toString(16)}\n`);
      writeFileSync(`${TRACEFS}/events/${GROUP}/${name}/enable`, '1');
      return name;
    });
  }

  /** Hits of all probe points together. */
  read(): number {
    const profile = readFileSync(`${TRACEFS}/uprobe_profile`, 'utf8');
    const hitsByName = new Map(
      profile.split('\n').map((line) => {
        const [, name = '', hits = ''] = /(\S+)\s+(\d+)\s*$/.exec(line) ?? [];
        return [name, Number(hits)] as const;
      }),
    );
    return this.#names.reduce((sum, name) => sum + (hitsByName.get(name) ?? Number.NaN), 0);
  }

  [Symbol.dispose](): void {
    for (const name of this.#names) {
      writeFileSync(`${TRACEFS}/events/${GROUP}/${name}/enable`, '0');
      appendFileSync(`${TRACEFS}/uprobe_events`, `-:${GROUP}/${name}\n`);
    }
  }
}

function mountTracefs(): void {
  if (existsSync(`${TRACEFS}/uprobe_events`)) return;
  spawnSync('mount', ['-t', 'tracefs', 'nodev', TRACEFS]);
  if (!existsSync(`${TRACEFS}/uprobe_events`)) throw new Error(`tracefs cannot be mounted on ${TRACEFS}`);
}
