/** What Go's own and GNU's tools say of an executable: the truth that `src/goexe` is held against. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { bytesSource } from '../../src/base/byte-source.js';
import type { GoExecutable, ProbePoint, ProbeSymbol } from '../../src/goexe/go-executable.js';
import { inspectGoExecutable } from '../../src/goexe/inspect-go-executable.js';
import { runGo } from '../support/go-build.js';

export function inspectFile(path: string): GoExecutable {
  return inspectGoExecutable(bytesSource(readFileSync(path)), path);
}

/** Output of a tool that must be there (binutils). */
export function run(command: string, args: readonly string[], input = ''): string {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, input });
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${result.error?.message ?? result.stderr}`);
  return result.stdout;
}

/** Addresses of functions by the name in the function table (`.abi0` is the symbol table's own), from `go tool nm`. */
export function functionsByNm(path: string): readonly { readonly name: string; readonly address: number }[] {
  return runGo(['tool', 'nm', path])
    .split('\n')
    .flatMap((line) => {
      const [, address, name] = /^ *([0-9a-f]+) [Tt] (.+)$/.exec(line) ?? [];
      return address === undefined || name === undefined ? [] : [{ name, address: Number.parseInt(address, 16) }];
    });
}

/** Function (the outermost), file and line of each address, from `go tool addr2line`. */
export function addressesToLines(path: string, addresses: readonly number[]): readonly string[] {
  const input = addresses.map((address) => `0x${address.toString(16)}\n`).join('');
  const result = spawnSync(`${runGo(['env', 'GOROOT']).trim()}/bin/go`, ['tool', 'addr2line', path], {
    encoding: 'utf8',
    input,
  });
  const lines = result.stdout.trim().split('\n');
  // In the padding behind a function Go says line -1, we 0.
  return addresses.map((_, i) => `${lines[2 * i]} ${lines[2 * i + 1]?.replace(':-1', ':0')}`);
}

/** The instruction that GNU's disassembler shows at each address of a function: `push %rbp`. */
export function instructionAt(path: string, start: number, address: number): string | undefined {
  const range = [`--start-address=0x${start.toString(16)}`, `--stop-address=0x${(address + 16).toString(16)}`];
  const listing = run('objdump', ['-d', '--no-show-raw-insn', ...range, path]);
  const line = listing.split('\n').find((text) => text.trimStart().startsWith(`${address.toString(16)}:`));
  return line?.split('\t').at(-1)?.trim().replaceAll(/\s+/g, ' ');
}

export function probeOf(executable: GoExecutable, symbol: ProbeSymbol): ProbePoint {
  const found = executable.probes.find((probe) => probe.symbol === symbol);
  if (!found?.present) throw new Error(`${symbol}: ${found?.why ?? 'not listed'}`);
  return found;
}

export function offsetsOf({ layout }: GoExecutable): Record<string, number> {
  return Object.fromEntries(Object.entries(layout).map(([field, { offset }]) => [field, offset]));
}
