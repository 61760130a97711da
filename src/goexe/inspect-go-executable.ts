/** Everything that gotape wants to know of a Go executable, from its bytes alone: no process, no privileges, no Go. */
import type { ByteSource } from '../base/byte-source.js';
import { errorText, UserError } from '../base/errors.js';
import { type BuildInfo, readBuildInfo } from './build-info.js';
import { ByteReader } from './byte-reader.js';
import { readStructs, type StructMembers } from './dwarf-structs.js';
import { readBuildIds } from './elf-build-ids.js';
import { type ElfFile, fileOffsetOf, readElfFile } from './elf-file.js';
import { FunctionTable } from './function-table.js';
import { type GoExecutable, type GoFunction, type GoVersion, PROBE_SYMBOLS } from './go-executable.js';
import { readGoVersion } from './go-version.js';
import { findModuleData, moduleWord } from './module-data.js';
import { findPclntab, type PclntabHeader } from './pclntab-header.js';
import { findProbePoints, readCode } from './probe-points.js';
import { readPointer } from './relocated-word.js';
import { LAYOUT_STRUCTS, type ResolvedLayout, resolveLayout } from './runtime-layout.js';
import { SourceLines } from './source-lines.js';
import { statusOffsetInCode } from './status-offset.js';

const CASGSTATUS = 'runtime.casgstatus';
const RUNTIME_MAIN = 'runtime.main';
const MAX_CODE_BYTES = 1 << 16;

/**
 * `name` is what error messages call it. The lookups of the result read `source`: keep it open while they are used.
 * @throws UserError, one sentence, for anything but a Go executable that gotape can record.
 */
export function inspectGoExecutable(source: ByteSource, name: string): GoExecutable {
  const elf = readElfFile(new ByteReader(source, name));
  const buildInfo = readBuildInfo(elf);
  const header = requirePclntab(elf, buildInfo);
  const goVersion = readGoVersion(elf, header, buildInfo);
  const moduleData = findModuleData(elf, header);
  const table = new FunctionTable(elf.reader, header, readTextStart(elf, header, moduleData?.textStart));
  const functions = table.findFunctions([...PROBE_SYMBOLS, RUNTIME_MAIN]);
  const { layout, release, warnings } = learnLayout(elf, goVersion, requireFunction(elf, functions, CASGSTATUS));
  const buildIds = readBuildIds(elf);
  const functionData = moduleData && moduleWord(elf, moduleData, release.moduleGofunc);
  const lines = new SourceLines(elf, table, { functionData, wrapperId: release.wrapperId });
  const { vaddr, offset } = elf.loads[0] ?? { vaddr: 0, offset: 0 };
  return {
    name,
    arch: elf.arch,
    positionIndependent: elf.positionIndependent,
    entry: elf.entry,
    runtimeMain: functions.get(RUNTIME_MAIN)?.entry,
    firstLoad: { vaddr, fileOffset: offset },
    goVersion,
    gnuBuildId: buildIds.gnu,
    goBuildId: buildIds.go,
    module: buildInfo?.module,
    layout,
    waitReasons: release.waitReasons,
    waitReasonsSource: `table go1.${release.minor}`,
    probes: findProbePoints(elf, functions, goVersion),
    warnings,
    functionAt: (pc) => unlessDamaged(() => table.functionAt(pc)),
    symbolize: (pc) => unlessDamaged(() => lines.frames(pc)[0]),
    inlinedFrames: (pc) => unlessDamaged(() => lines.frames(pc)) ?? [],
    startFunctionAt: (pc) => unlessDamaged(() => lines.startFunctionAt(pc)),
    callTargets: async (patterns) => {
      const { findCallTargets } = await import('./call-targets.js'); // with its disassembler only where it is asked for
      const declarationOf = (entry: number) => unlessDamaged(() => lines.frames(entry).at(-1));
      return findCallTargets({ elf, table, declarationOf }, patterns);
    },
    fileOffsetOf: (address) => fileOffsetOf(elf, address),
  };
}

function requirePclntab(elf: ElfFile, buildInfo: BuildInfo | undefined): PclntabHeader {
  const header = findPclntab(elf);
  if (header) return header;
  const found = buildInfo
    ? `${elf.reader.name} has Go build info (${buildInfo.version || 'Go 1.17 or older'}), but no function table that gotape can read`
    : `not a Go program: ${elf.reader.name} has no .gopclntab and no Go build info`;
  throw new UserError(`${found} (gotape records Go 1.19 and later)`);
}

/** In the function table's header up to Go 1.25, in the module data from 1.26 on. */
function readTextStart(elf: ElfFile, header: PclntabHeader, inModuleData: number | undefined): number {
  const inHeader = readPointer(elf, header.textStartVaddr);
  const textStart = inHeader || inModuleData;
  if (textStart) return textStart;
  throw new UserError(
    `${elf.reader.name}: start of the Go code not found, neither in .gopclntab nor by runtime.firstmoduledata`,
  );
}

function requireFunction(elf: ElfFile, functions: ReadonlyMap<string, GoFunction>, symbol: string): GoFunction {
  const found = functions.get(symbol);
  if (found) return found;
  throw new UserError(
    `symbol ${symbol}: not in .gopclntab of ${elf.reader.name} (renamed by an obfuscator, or not built by Go's own compiler?)`,
  );
}

function learnLayout(elf: ElfFile, version: GoVersion, casgstatus: GoFunction): ResolvedLayout {
  const code = readCode(elf, casgstatus.entry, Math.min(casgstatus.end - casgstatus.entry, MAX_CODE_BYTES));
  const statusInCode = code && statusOffsetInCode(code, elf.arch);
  const { dwarf, warnings } = readRuntimeDwarf(elf);
  const resolved = resolveLayout({ name: elf.reader.name, version, dwarf, statusInCode });
  return { ...resolved, warnings: [...warnings, ...resolved.warnings] };
}

/** Damaged DWARF counts as none: the executable runs all the same. */
function readRuntimeDwarf(elf: ElfFile): { readonly dwarf: StructMembers | undefined; readonly warnings: string[] } {
  try {
    const structs = readStructs(elf, 'runtime', LAYOUT_STRUCTS);
    return { dwarf: structs?.size === LAYOUT_STRUCTS.length ? structs : undefined, warnings: [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { dwarf: undefined, warnings: [`DWARF is not used: ${errorText(error)}`] };
  }
}

/** A recording must not end because one function's record is damaged: its name is unknown, as that of foreign code. */
function unlessDamaged<T>(lookUp: () => T): T | undefined {
  try {
    return lookUp();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
