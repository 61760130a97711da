/** Wrong usage is told in one sentence before anything is touched; help, version and completion are there. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectRefusal, FIXTURE, Folder, gotape } from './gotape.js';

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());

const WRONG: readonly (readonly [args: string, sentence: string])[] = [
  ['', 'say a command: record, info, analyze, convert, open, replay'],
  ['bogus', 'unknown command: bogus'],
  ['--bogus', 'say a command'],
  ['record', 'say one of -p PID, -e FILE or -- COMMAND'],
  ['record -p 1 -e /bin/ls', 'say one of -p PID, -e FILE or -- COMMAND'],
  ['record -p 1 -- ls', 'say one of -p PID, -e FILE or -- COMMAND'],
  ['record --', 'say one of -p PID, -e FILE or -- COMMAND'],
  ['record ./server -addr', 'unexpected argument: ./server; a command to record stands after --'],
  ['record -p', 'not enough arguments following: p'],
  ['record -p abc', '-p: expected the number of a process'],
  ['record -p -1', '-p: expected the number of a process'],
  ['record -p 0', '-p: expected the number of a process'],
  ['record -p 1.5', '-p: expected the number of a process'],
  ['record -p 1 -p 2', '--pid: is given 2 times, expected once'],
  ['record -p 1 -o a -o b', '--output: is given 2 times, expected once'],
  ['record -p 1 -d abc', '--duration: "abc" is not a duration; write a number and a unit: 10s'],
  ['record -p 1 -d 10', '--duration: "10" is not a duration'],
  ['record -p 1 -d -5s', '--duration: "-5s" is not a duration'],
  ['record -p 1 -d 0s', '--duration: expected more than 0'],
  ['record -p 1 --max-size x', '--max-size: "x" is not a size; write 64MiB'],
  ['record -p 1 --max-size 0', '--max-size: "0" is not a size'],
  ['record -p 1 --buffer -1', '--buffer: "-1" is not a size'],
  ['record -p 1 --buffer 2GiB', '--buffer: at most 1GiB'],
  ['record -p 1 --level 0', '--level: expected 1 to 19'],
  ['record -p 1 --level 20', '--level: expected 1 to 19'],
  ['record -p 1 --level high', '--level: expected 1 to 19'],
  ['record -p 1 --bogus', 'unknown argument: bogus'],
  ['info', 'expected the name of a trace file'],
  ['info a b', 'unexpected argument: b'],
  ['analyze FIXTURE --top 0', '--top 0: expected a whole number from 1 to 10,000'],
  ['convert FIXTURE --to dot', '--to dot: not a format, expected chrome'],
  ['replay FIXTURE --speed 0', '--speed 0: expected a number above 0'],
  ['replay FIXTURE --goid x', "--goid NaN: expected a goroutine's id"],
  ['replay FIXTURE --from yesterday', '--from: "yesterday" is not a duration'],
];

describe('wrong usage ends with code 2 and one sentence', () => {
  test.each(WRONG)('gotape %s', async (args, sentence) => {
    const words = args.split(' ').filter((word) => word !== '');
    const run = await gotape(
      words.map((word) => (word === 'FIXTURE' ? FIXTURE : word)),
      { cwd: folder.path, env: { LANG: 'de_DE.UTF-8' } },
    );
    expectRefusal(run, 2, sentence);
    expect(folder.names()).toEqual([]);
  });
});

describe('help', () => {
  let commands: readonly string[];

  beforeAll(async () => {
    const run = await gotape(['--help']);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    commands = Array.from(run.stdout.matchAll(/^ {2}gotape (\w+)/gm), ([, name = '']) => name);
  });

  test('lists every command', () => {
    expect(commands).toEqual(
      expect.arrayContaining(['record', 'info', 'analyze', 'convert', 'open', 'replay', 'completion']),
    );
  });

  test('of each command shows examples, and fits 100 columns', async () => {
    for (const command of commands.filter((name) => name !== 'completion')) {
      const run = await gotape([command, '--help']);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      expect(run.stdout).toMatch(new RegExp(`Examples:\n  # .*\n.*gotape ${command} `));
      expect(run.stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
    }
  });
});

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(await gotape(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
});

test('the completion script is accepted by bash', async () => {
  const run = await gotape(['completion'], { env: { SHELL: '/bin/bash' } });
  expect(run).toMatchObject({ status: 0, stderr: '' });
  const checked = spawnSync('bash', ['-n'], { input: run.stdout, encoding: 'utf8' });
  expect(checked).toMatchObject({ status: 0, stderr: '' });
  expect(run.stdout).toContain('gotape');
});
