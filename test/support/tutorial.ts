/** docs/tutorial.md: its commands, and what it says that they print. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const TUTORIAL = fileURLToPath(new URL('../../docs/tutorial.md', import.meta.url));
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const folder = fileURLToPath(new URL('../../fixtures/tutorial', import.meta.url));

export interface ConsoleBlock {
  /** Without the prompt. */
  readonly command: string;
  /** What stands below it. */
  readonly output: string;
}

const BLOCK = /```console\n\$ (.*)\n([\s\S]*?)```\n/g;

export function consoleBlocks(): ConsoleBlock[] {
  return [...readFileSync(TUTORIAL, 'utf8').matchAll(BLOCK)].map(([, command = '', output = '']) => ({
    command,
    output,
  }));
}

/** The tutorial with what its commands print today. */
export function rewritten(): string {
  return readFileSync(TUTORIAL, 'utf8').replace(
    BLOCK,
    (_, command: string) => `\`\`\`console\n$ ${command}\n${outputOf(command)}\`\`\`\n`,
  );
}

/** What a command of the tutorial prints, run where its recordings are. */
export function outputOf(command: string): string {
  const script = `gotape() { "$NODE" "$MAIN" "$@"; }\n${command}`;
  const env = { ...process.env, NODE: process.execPath, MAIN: main };
  const { stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: folder, env, encoding: 'utf8' });
  if (stderr !== '') throw new Error(`${command}: ${stderr}`);
  return stdout;
}
