/**
 * Writes src/model/syscall-names.ts from the tables of golang.org/x/sys/unix that every Go toolchain brings along
 * (mksysnum.pl makes those from the kernel's headers): node --import tsx schemas/make-syscall-names.ts
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const LINE_WIDTH = 110;
const target = fileURLToPath(new URL('../src/model/syscall-names.ts', import.meta.url));
const go = (...args: string[]) => execFileSync('go', args, { encoding: 'utf8' }).trim();

/** Names in order of their numbers; one that does not follow the one before has its number in front. */
function table(arch: string): string[] {
  const file = `${go('env', 'GOROOT')}/src/cmd/vendor/golang.org/x/sys/unix/zsysnum_linux_${arch}.go`;
  const found = [...readFileSync(file, 'utf8').matchAll(/^\s*SYS_(\w+)\s*=\s*(\d+)/gm)];
  const calls = found.map(([, name = '', number]) => ({ name: name.toLowerCase(), number: Number(number) }));
  let next = 0;
  return calls
    .filter(({ name }) => name !== 'arch_specific_syscall')
    .sort((a, b) => a.number - b.number)
    .map(({ name, number }) => {
      const isNext = number === next;
      next = number + 1;
      return isNext ? name : `${number}:${name}`;
    });
}

function quoted(words: readonly string[]): string {
  const lines = [''];
  for (const word of words) {
    if (lines.at(-1)!.length + word.length > LINE_WIDTH) lines.push('');
    lines[lines.length - 1] += `${word} `;
  }
  return lines.map((line, i) => `  '${i === lines.length - 1 ? line.trimEnd() : line}'`).join(' +\n');
}

writeFileSync(
  target,
  `/**
 * Names of Linux system calls by number. Made by schemas/make-syscall-names.ts from the tables of golang.org/x/sys/unix in
 * ${go('env', 'GOVERSION')}. Names in order of their numbers; one that does not follow the one before has its number in front.
 */

const AMD64 =
${quoted(table('amd64'))};

const ARM64 =
${quoted(table('arm64'))};

const namesByArch: Readonly<Record<string, ReadonlyMap<number, string>>> = { amd64: parse(AMD64), arm64: parse(ARM64) };

/** \`futex\`; \`syscall 999\` for a number that is not known. @param arch as Go calls it: \`amd64\`, \`arm64\` */
export function syscallName(arch: string, number: number): string {
  return namesByArch[arch]?.get(number) ?? \`syscall \${number}\`;
}

function parse(table: string): Map<number, string> {
  const names = new Map<number, string>();
  let next = 0;
  for (const word of table.split(' ')) {
    const [name = '', number] = word.split(':').reverse();
    if (number !== undefined) next = Number(number);
    names.set(next++, name);
  }
  return names;
}
`,
);
