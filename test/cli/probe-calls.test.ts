import { describe, expect, test } from 'vitest';
import { describeWithBpf } from '../support/bpf-available.js';
import { buildGo } from '../support/go-build.js';
import { expectRefusal, Folder, gotape } from './gotape.js';

const program = buildGo('calls/main.go');

describe('gotape probe', () => {
  test('lists functions, where their arguments are, the probes, and what a call costs', async () => {
    const run = await gotape(['probe', program, 'main.(*server).handle']);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).toMatch(/^main\.\(\*server\)\.handle {2}\S*main\.go:\d+$/m);
    expect(run.stdout).toMatch(/s +\*main\.server +AX$/m);
    expect(run.stdout).toMatch(/name +string +CX DI$/m);
    expect(run.stdout).toMatch(/err +error +R8$/m);
    expect(run.stdout).toMatch(/entry \+0x[0-9a-f]+ push %rbp \(emulated\), \d × ret \(single-stepped\)$/m);
    expect(run.stdout).toMatch(/one call +[\d.]+–\d+ µs/);
    expect(run.stdout).toContain('1 of 1 matching functions can be recorded');
  });

  test('prints the same as JSON', async () => {
    const { stdout, status } = await gotape(['probe', '--json', program, 'main.wide']);
    expect(status).toBe(0);
    const [found] = JSON.parse(stdout).functions;
    expect(found).toMatchObject({ name: 'main.wide', canBeRecorded: true, returns: 1, tailJumps: 0 });
    expect(found.arguments.at(-2)).toEqual({ name: 'i', type: 'int', places: ['R11'], isRecorded: true });
    expect(found.arguments.at(-1)).toEqual({ name: 'j', type: 'int', places: ['stack'], isRecorded: false });
    expect(found.cost.highNs).toBeGreaterThan(found.cost.lowNs);
  });

  test('says that a stripped executable does not tell its arguments', async () => {
    const { stdout, status } = await gotape(['probe', buildGo('calls/main.go', { stripped: true }), 'main.wide']);
    expect(status).toBe(0);
    expect(stdout).toContain('arguments     not recorded: the executable has no DWARF');
  });

  test('tells what was inlined everywhere, with status 1', async () => {
    const run = await gotape(['probe', program, 'main.nilness']);
    expect(run.status).toBe(1);
    expect(run.stdout).toMatch(/inlined into every caller[\s\S]*main\.nilness/);
  });

  test('tells why a function in assembly cannot be recorded, with status 1', async () => {
    const run = await gotape(['probe', program, 'runtime.memmove']);
    expect(run.status).toBe(1);
    expect(run.stdout).toMatch(/not recorded +written in assembly/);
  });

  test.each([
    [
      'a pattern that names nothing',
      [program, 'main.nothing'],
      1,
      /no function of this go1\.26\.8 executable is called/,
    ],
    ['a pattern that names too much', [program, '*'], 1, /'\*': \d+ functions match, expected 200 at most/],
    ['a file that is not there', ['/nowhere', 'f'], 1, /\/nowhere: no such file/],
    ['a folder', ['/', 'f'], 1, /is not a regular file/],
    ['a program that is not Go', [process.execPath, 'main.f'], 1, /not a Go program/],
    ['no pattern', [program], 2, /probe: expected an executable and the name of a function/],
  ])('refuses %s', async (_, args, status, sentence) => {
    expectRefusal(await gotape(['probe', ...args]), status, sentence);
  });
});

describeWithBpf('gotape record --call', () => {
  test.each([
    ['that names nothing', 'main.nothing', /--call 'main\.nothing': no function of .* has such a name/],
    ['that names what is inlined everywhere', 'main.nilness', /every call of main\.nilness was inlined/],
    ['that names assembly', 'runtime.memmove', /runtime\.memmove cannot be probed: written in assembly/],
  ])('refuses a pattern %s, before the command is started', async (_, pattern, sentence) => {
    using folder = new Folder();
    const run = await gotape(['record', '-o', folder.file('a.gotape.zip'), '--call', pattern, '--', program]);
    expectRefusal(run, 2, sentence);
    expect(folder.names()).toEqual([]);
  });

  test('refuses too many functions', async () => {
    const run = await gotape(['record', '--call', 'runtime.*', '--', program]);
    expectRefusal(run, 1, /functions match, expected 200 at most/);
  });

  test('of several patterns shows its calls in info', async () => {
    using folder = new Folder();
    const file = folder.file('a.gotape.zip');
    const run = await gotape([
      'record',
      '-q',
      '-o',
      file,
      '--call',
      'main.wide',
      '--call',
      'main.sum[*',
      '--',
      program,
    ]);
    expect(run.status).toBe(0);
    const { stdout } = await gotape(['info', file]);
    expect(stdout).toMatch(/besides +3 calls/);
    expect(stdout).toMatch(/main\.wide +at \+\d+ .*; 1 × ret/);
  });
});
