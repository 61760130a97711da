/** Reading a trace needs no libbpf: it works where there is no Linux. */
import { afterAll, expect, test } from 'vitest';
import { FIXTURE, Folder, GOTAPE, start } from './gotape.js';

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());

/** Runs before gotape: whoever asks for the FFI, or for anything of capture, fails. */
const REFUSING_HOOK = `
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  if (specifier.startsWith('koffi') || /dist\\/capture\\//.test(found.url)) throw new Error('FORBIDDEN ' + specifier);
  return found;
}`;
const dataUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
const register = dataUrl(
  `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(REFUSING_HOOK))});`,
);
const withoutCapture = (...args: readonly string[]) =>
  start([process.execPath, '--import', register, GOTAPE, ...args], { cwd: folder.path }).finished;

test.each([
  'info',
  'info --json',
  'analyze',
  'analyze --json',
  'replay',
  'convert -o -',
])('gotape %s does not load capture', async (command) => {
  const run = await withoutCapture(...command.split(' '), FIXTURE);
  expect(run.status).toBe(0);
  expect(run.stdout).not.toBe('');
  expect(run.stderr).not.toContain('FORBIDDEN');
});

test.each([
  '--help',
  'record --help',
  '--version',
  'completion',
])('gotape %s does not load capture', async (command) => {
  expect(await withoutCapture(...command.split(' '))).toMatchObject({ status: 0 });
});

test('gotape record does, so that this test can fail', async () => {
  const run = await withoutCapture('record', '-p', '1');
  expect(run.status).toBe(1);
  expect(run.stderr).toMatch(/FORBIDDEN .*capture\/index\.js/);
});
