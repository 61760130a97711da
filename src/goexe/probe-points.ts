/** Places of all probes in an executable. What each function's arguments mean is for the recorder to know. */
import { type ElfFile, fileOffsetOf } from './elf-file.js';
import type { GoFunction, GoVersion, MissingProbePoint, ProbePoint, ProbeSymbol } from './go-executable.js';
import { PROBE_SYMBOLS } from './go-executable.js';
import { chooseProbeInstruction, PROLOGUE_BYTES } from './probe-instruction.js';

/** First Go 1.x in which a function changes the status by itself, and why it has no probe before. */
const neededFrom: Readonly<Partial<Record<ProbeSymbol, { readonly minor: number; readonly before: string }>>> = {
  'runtime.reentersyscall': { minor: 26, before: 'not needed before Go 1.26: it calls casgstatus' },
  'runtime.exitsyscall': { minor: 26, before: 'not needed before Go 1.26: it calls casgstatus' },
  'runtime.coroswitch_m': { minor: 22, before: 'not in Go before 1.22' },
};

export function findProbePoints(
  elf: ElfFile,
  functions: ReadonlyMap<string, GoFunction>,
  version: GoVersion,
): readonly (ProbePoint | MissingProbePoint)[] {
  return PROBE_SYMBOLS.map((symbol) => {
    const needed = neededFrom[symbol];
    if (needed && version.minor < needed.minor) return missing(symbol, needed.before);
    const found = functions.get(symbol);
    return found ? probePoint(elf, symbol, found) : missing(symbol, absence(symbol));
  });
}

const usedBy: Readonly<Partial<Record<ProbeSymbol, string>>> = {
  'runtime.coroswitch_m': 'it does not use iter.Pull',
  'runtime/pprof.runtime_setProfLabel': 'it does not set pprof labels',
};

function absence(symbol: ProbeSymbol): string {
  return `not in this binary: ${usedBy[symbol] ?? 'its function table does not name it'}`;
}

function probePoint(elf: ElfFile, symbol: ProbeSymbol, { entry, end }: GoFunction): ProbePoint | MissingProbePoint {
  const code = readCode(elf, entry, Math.min(end - entry, PROLOGUE_BYTES));
  if (!code) return missing(symbol, 'not in this binary: its code is not in the file');
  const { offset, text, ...chosen } = chooseProbeInstruction(code, elf.arch);
  const fileOffset = fileOffsetOf(elf, entry + offset);
  if (fileOffset === undefined) return missing(symbol, 'not in this binary: its code is not in the file');
  return { present: true, symbol, vaddr: entry + offset, fileOffset, offset, instruction: text, ...chosen };
}

function missing(symbol: ProbeSymbol, why: string): MissingProbePoint {
  return { present: false, symbol, why };
}

/** Machine code at an address; undefined when the file does not hold it. */
export function readCode(elf: ElfFile, vaddr: number, length: number): DataView | undefined {
  const offset = fileOffsetOf(elf, vaddr);
  if (offset === undefined || length <= 0 || !elf.reader.has(offset, length)) return undefined;
  const bytes = elf.reader.bytes(offset, length);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
