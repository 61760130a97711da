/** What cannot be recorded is refused in one sentence, before anything is started or written. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesSource } from '../../src/base/byte-source.js';
import { ByteReader } from '../../src/goexe/byte-reader.js';
import { readElfFile, sectionNamed } from '../../src/goexe/elf-file.js';
import { describeWithBpf } from '../support/bpf-available.js';
import { buildGo } from '../support/go-build.js';
import { expectRefusal, Folder, GOTAPE, gotape, start } from './gotape.js';

const NOBODY = 65534;

describeWithBpf('gotape record refuses', () => {
  const folder = new Folder();
  let before: readonly string[];

  beforeAll(() => {
    folder.guest();
    writeFileSync(folder.file('notes.txt'), 'nothing to see\n');
    writeFileSync(folder.file('script'), '#!/bin/sh\necho never >&2\n', { mode: 0o755 });
    const guest = readFileSync(folder.file('guest'));
    writeFileSync(folder.file('cut'), guest.subarray(0, 500_000), { mode: 0o755 });
    writeFileSync(folder.file('cut-header'), guest.subarray(0, 50));
    writeFileSync(folder.file('no-functions'), withoutFunctionTable(guest), { mode: 0o755 });
    writeFileSync(folder.file('go1.18'), asOlderGo(readFileSync(buildGo('guest/main.go', { toolchain: '1.19.13' }))));
    spawnSync('mkfifo', [folder.file('pipe')]);
    before = folder.names();
  });
  afterAll(() => folder[Symbol.dispose]());

  const refusal = async (args: readonly string[], sentence: string | RegExp) => {
    expectRefusal(await gotape(['record', ...args], { cwd: folder.path }), 1, sentence);
    expect(folder.names()).toEqual(before);
  };

  test('a process that does not exist', async () => {
    await refusal(['-p', '4194304'], 'process 4194304: does not exist (is the pid right?');
  });

  test('a process that is no Go program', async () => {
    const { child } = start(['sleep', '60']);
    await refusal(['-p', String(child.pid)], /not a Go program: \S+ has no .gopclntab/);
    child.kill();
  });

  test('a kernel thread', async () => {
    if (!readFileSync('/proc/2/comm', 'utf8').startsWith('kthreadd')) return; // In a container 2 is somebody else.
    await refusal(['-p', '2'], 'process 2: its executable cannot be read; it is a kernel thread');
  });

  test('a process that has ended but is still listed', async () => {
    // The shell becomes a program that does not look after its child.
    const parent = start(['sh', '-c', 'sleep 0.1 & echo pid=$!=; exec sleep 60']);
    const zombie = await untilZombie(await parent.said(/pid=(\d+)=/));
    await refusal(['-p', zombie], `process ${zombie}: has ended already (it is a zombie)`);
    parent.child.kill();
  });

  test.each([
    ['notes.txt', 'not an ELF file: notes.txt starts with "noth"'],
    ['missing', 'missing: no such file'],
    ['.', '.: is not a regular file, expected a Go executable'],
    ['pipe', 'pipe: is not a regular file, expected a Go executable'],
    ['/bin/ls', 'not a Go program: /bin/ls has no .gopclntab and no Go build info'],
    ['cut', /cut off: cut has 500000 bytes of \d+/],
    ['cut-header', 'cut off: cut-header has 50 bytes, less than an ELF header'],
    ['no-functions', 'no-functions has Go build info (go1.26.8), but no function table that gotape can read'],
    ['go1.18', 'go1.18 was built with go1.18.13 (gotape records Go 1.19 and later)'],
  ])('-e %s', (path, sentence) => refusal(['-e', path], sentence));

  test('an executable of another architecture', async () => {
    const host = process.arch === 'x64' ? 'amd64' : 'arm64';
    const other = host === 'amd64' ? 'arm64' : 'amd64';
    const path = buildGo('guest/main.go', { arch: other });
    await refusal(['-e', path], `is for ${other}, this machine is ${host}; record it where it runs`);
  });

  test('a 32-bit executable', async () => {
    await refusal(['-e', buildGo('guest/main.go', { arch: '386' })], '32-bit executable: ');
  });

  test.each([
    ['./missing', './missing: no such file'],
    ['./notes.txt', './notes.txt: is not executable (chmod +x?)'],
    ['./notes.txt/server', /notes\.txt\/server: (ENOTDIR: not a directory|no such file)/],
    ['./', './: is not a regular file, expected an executable'],
    ['no-such-command', 'no-such-command: not found in PATH; give its path, as in ./no-such-command'],
    ['./script', /not an ELF file: .*script starts with "#!\/b"/],
  ])('the command %s, without starting it', (command, sentence) => refusal(['--', command], sentence));
});

describe('gotape record without privileges', () => {
  const without = (setpriv: readonly string[]) =>
    start(['setpriv', ...setpriv, process.execPath, GOTAPE, 'record', '-p', '1']).finished;
  const isRoot = process.getuid?.() === 0;

  test.runIf(isRoot)('names every capability that is missing, and what to do', async () => {
    const run = await without(['--bounding-set=-bpf,-perfmon,-sys_admin']);
    expectRefusal(run, 1, 'lacks CAP_BPF and CAP_PERFMON; run as root (sudo gotape record …)');
  });

  test.runIf(isRoot)('names only what is missing', async () => {
    expectRefusal(await without(['--bounding-set=-perfmon,-sys_admin']), 1, 'lacks CAP_PERFMON; run as root');
  });

  test.runIf(isRoot && readableByNobody())('says the same to a user who has none', async () => {
    const run = await without([`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']);
    expectRefusal(run, 1, 'lacks CAP_BPF and CAP_PERFMON');
  });
});

function readableByNobody(): boolean {
  const as = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
  return spawnSync('setpriv', [...as, 'test', '-r', join(GOTAPE, '../../package.json')]).status === 0;
}

/** `.gopclntab` filled with zeros: something else was laid over it. */
function withoutFunctionTable(executable: Buffer): Buffer {
  const copy = Buffer.from(executable);
  const section = sectionNamed(readElfFile(new ByteReader(bytesSource(copy), 'copy')), '.gopclntab');
  if (section === undefined) throw new Error('no .gopclntab');
  return copy.fill(0, section.offset, section.offset + section.size);
}

function asOlderGo(executable: Buffer): Buffer {
  const copy = Buffer.from(executable);
  copy.write('go1.18.13', copy.indexOf(Buffer.from('\xff Go buildinf:', 'latin1')) + 33, 'latin1');
  return copy;
}

async function untilZombie(pid: string): Promise<string> {
  while (!/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) await sleep(20);
  return pid;
}
