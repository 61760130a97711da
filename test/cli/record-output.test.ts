/** Where a recording is written: what is refused, who may read it, and what a full disk leaves. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWithBpf } from '../support/bpf-available.js';
import { expectRefusal, Folder, GOTAPE, gotape, infoOf, start, startGotape } from './gotape.js';

const NOBODY = 65534;
let folder: Folder;
const record = (...args: readonly string[]) => gotape(['record', ...args], { cwd: folder.path });

beforeEach(() => {
  folder = new Folder();
  folder.guest();
});
afterEach(() => folder[Symbol.dispose]());

describeWithBpf('gotape record does not write', () => {
  const refused = async (output: string, sentence: string, options: readonly string[] = []) => {
    const before = folder.names();
    expectRefusal(await record('-e', 'guest', '-o', output, ...options), 1, sentence);
    expect(folder.names()).toEqual(before);
  };

  test('where there is no folder', () =>
    refused('no/where.zip', 'no/where.zip: cannot be written, because the folder no does not exist'));

  test('below a file', () => refused('guest/a.zip', 'guest/a.zip: cannot be written, because guest is not a folder'));

  test('without a name', () => refused('', '--output: is empty, expected the name of a file'));

  test('over a folder', async () => {
    mkdirSync(folder.file('dir'));
    await refused('dir', 'dir: is a folder');
  });

  test('over a file, unless told to', async () => {
    writeFileSync(folder.file('old'), 'mine');
    await refused('old', 'old: exists already; choose another name with -o, or overwrite it with --force');
    expect(readFileSync(folder.file('old'), 'utf8')).toBe('mine');
  });

  test('through a symbolic link, not even when told to', async () => {
    writeFileSync(folder.file('precious'), 'mine');
    symlinkSync('precious', folder.file('link'));
    await refused('link', 'link: is a symbolic link; gotape does not write through one');
    await refused('link', 'link: is a symbolic link', ['--force']);
    expect(readFileSync(folder.file('precious'), 'utf8')).toBe('mine');
  });

  test('to a device or a pipe', async () => {
    spawnSync('mkfifo', [folder.file('pipe')]);
    await refused('/dev/null', '/dev/null: is a device or a pipe, expected a regular file', ['--force']);
    await refused('pipe', 'pipe: is a device or a pipe', ['--force']);
    expect(statSync('/dev/null')).toMatchObject({ uid: 0, mode: 0o20666 });
  });

  test('where this user may not', async () => {
    mkdirSync(folder.file('theirs'), { mode: 0o755 });
    chownSync(folder.file('theirs'), NOBODY, NOBODY);
    const asRootWithoutOverride = [
      'setpriv',
      '--bounding-set=-dac_override,-dac_read_search',
      process.execPath,
      GOTAPE,
    ];
    const command = [...asRootWithoutOverride, 'record', '-e', folder.file('guest'), '-o', folder.file('theirs/a.zip')];
    expectRefusal(await start(command).finished, 1, 'theirs/a.zip: cannot be written by this user');
  });
});

describeWithBpf('a recorded file', () => {
  test('is readable by its owner alone, also where a file was that everybody could read', async () => {
    const output = folder.file('old.zip');
    writeFileSync(output, 'x'.repeat(100_000), { mode: 0o644 });
    chmodSync(output, 0o644);
    expect(await record('-q', '--force', '-o', output, '--', './guest', 'exit', '0')).toMatchObject({ status: 0 });
    expect(statSync(output).mode & 0o777).toBe(0o600);
    expect((await infoOf(output)).damage).toEqual([]);
  });

  test('belongs to whoever called sudo', async () => {
    const output = folder.file('a.zip');
    const env = { SUDO_UID: String(NOBODY), SUDO_GID: String(NOBODY) };
    const run = await gotape(['record', '-q', '-o', output, '--', folder.file('guest'), 'exit', '0'], { env });
    expect(run).toMatchObject({ status: 0 });
    expect(statSync(output)).toMatchObject({ uid: NOBODY, gid: NOBODY, mode: 0o100600 });
  });

  test('has a name of its own when none is given', async () => {
    expect(await record('-q', '--', './guest', 'exit', '0')).toMatchObject({ status: 0 });
    expect(folder.names()[1]).toMatch(/^guest-\d{8}-\d{6}\.gotape\.zip$/);
  });
});

describeWithBpf('on a full disk gotape record', () => {
  let disk: string;

  beforeEach(() => {
    disk = folder.file('disk');
    mkdirSync(disk);
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'gotape-test', disk]).status).toBe(0);
  });
  afterEach(() => void spawnSync('umount', [disk]));

  test('stops with a sentence and code 1; the file opens and says what it lacks; the command runs on', async () => {
    const output = `${disk}/a.gotape.zip`;
    const recorder = startGotape(['record', '-o', output, '--', folder.file('guest'), 'churn']);
    await recorder.said('the disk is full');
    const { stopReason, lost, transitions, header } = await infoOf(output, 3);
    expect(stopReason).toMatch(/^writing failed: ENOSPC/);
    expect(lost + transitions).toBeGreaterThan(1000);
    const guest = header.targets[0]?.pid ?? 0;
    expect(existsSync(`/proc/${guest}`)).toBe(true);
    process.kill(guest, 'SIGTERM');
    const run = await recorder.finished;
    expect(run).toMatchObject({ status: 1, stdout: 'ready\nterminated\n' });
    expect(run.stderr).toMatch(/^gotape: .*a\.gotape\.zip: the disk is full; recording stopped, and what was complete/);
    expect(run.stderr.trimEnd()).not.toContain('\n');
  });

  test('without room for the first byte leaves no file, and lets the command run', async () => {
    spawnSync('sh', ['-c', `head -c 65536 /dev/zero > ${disk}/full`]);
    const run = await gotape(['record', '-o', `${disk}/a.zip`, '--', folder.file('guest'), 'exit', '0']);
    expectRefusal(run, 1, 'a.zip: the disk is full');
    expect(existsSync(`${disk}/a.zip`)).toBe(false);
  });
});
