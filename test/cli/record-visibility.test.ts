/** A probe that cannot be attached: what the trace then cannot show is told by it, and by every analysis of it. */
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { UserError } from '../../src/base/errors.js';
import { BpfObject } from '../../src/capture/bpf-object.js';
import { runRecord } from '../../src/cli/record.js';
import { openTrace } from '../../src/trace/open-trace.js';
import { describeWithBpf } from '../support/bpf-available.js';
import { Folder, gotape } from './gotape.js';

const FAILING = 'runtime.reentersyscall';
const HIDDEN = 'running may include system calls: their start is not seen';
const SHARED_CPU = 'running includes the time in which the operating system gave the CPU to something else';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => {
  vi.restoreAllMocks();
  folder[Symbol.dispose]();
});

async function record({ sched }: { readonly sched: boolean }) {
  const target = { kind: 'command', command: [folder.guest(), 'exit', '0'] } as const;
  const limits = { duration: undefined, maxSize: undefined, buffer: '1MiB', level: 3, notes: [] };
  const output = folder.file('a.zip');
  const args = { target, output, force: true, quiet: true, verbose: false, stacks: false, calls: [], sched, ...limits };
  await runRecord({ stdout: new PassThrough(), stderr: new PassThrough(), env: {} }, args);
  using trace = await openTrace(output);
  return trace.facts;
}

describeWithBpf('a probe that cannot be attached', () => {
  test('is in the header with the reason, beside what cannot be seen without it', async () => {
    const attach = BpfObject.prototype.attach;
    vi.spyOn(BpfObject.prototype, 'attach').mockImplementation(function (this: BpfObject, point, path, pid) {
      if (point.symbol === FAILING) throw new UserError(`attaching to ${point.symbol}: Device or resource busy`);
      attach.call(this, point, path, pid);
    });
    const facts = await record({ sched: false });
    expect(facts.probes.find(({ symbol }) => symbol === FAILING)).toMatchObject({
      attached: false,
      why: `failed: attaching to ${FAILING}: Device or resource busy`,
    });
    expect(facts.probes.find(({ symbol }) => symbol === 'runtime.casgstatus')).toMatchObject({ attached: true });
    expect(facts.invisible).toContain(HIDDEN);
    const info = await gotape(['info', folder.file('a.zip')]);
    expect(info.stdout).toMatch(/runtime\.reentersyscall +failed: attaching to/);
    const analysis = await gotape(['analyze', '--json', folder.file('a.zip')]);
    expect((JSON.parse(analysis.stdout) as { warnings: string[] }).warnings).toContain(HIDDEN);
  });

  test('is not claimed when all are there', async () => {
    const facts = await record({ sched: false });
    expect(facts.invisible).not.toContain(HIDDEN);
    expect(facts.invisible).toContain(SHARED_CPU);
  });
});

describeWithBpf('a recording with --sched', () => {
  test('does not say that execution time may be none', async () => {
    expect((await record({ sched: true })).invisible).not.toContain(SHARED_CPU);
  });
});
