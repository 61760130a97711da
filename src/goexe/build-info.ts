/**
 * Go version and main module as the linker recorded them. Source: `debug/buildinfo/buildinfo.go`: 14 bytes of magic, pointer
 * size, flags; with flag 2 (Go 1.18 and later) at byte 32 the version and the module text, each after its length.
 */
import type { ByteReader } from './byte-reader.js';
import { occurrences } from './byte-search.js';
import { type ElfFile, sectionNamed } from './elf-file.js';
import type { GoModule } from './go-executable.js';
import { readVarint } from './pc-values.js';

const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1');
const FLAGS_AT = 15;
const INLINE_STRINGS = 2;
const STRINGS_AT = 32;
const MAX_VERSION_BYTES = 256;
/** The main package and module stand in the first lines; a long list of dependencies follows. */
const MAX_MODULE_BYTES = 1 << 16;
/** The module text stands between two 16-byte marks (`cmd/go/internal/modload`). */
const MARK_BYTES = 16;

export interface BuildInfo {
  /** Empty when it is older than Go 1.18 and kept elsewhere. */
  readonly version: string;
  readonly module: GoModule | undefined;
}

export function readBuildInfo(elf: ElfFile): BuildInfo | undefined {
  const start = findBuildInfo(elf);
  if (start === undefined || !elf.reader.has(start, STRINGS_AT)) return undefined;
  if ((elf.reader.u8(start + FLAGS_AT) & INLINE_STRINGS) === 0) return { version: '', module: undefined };
  const version = readText(elf.reader, start + STRINGS_AT, MAX_VERSION_BYTES);
  const module = readText(elf.reader, version.next, MAX_MODULE_BYTES);
  return { version: version.text, module: parseModule(module.text) };
}

function findBuildInfo(elf: ElfFile): number | undefined {
  const section = sectionNamed(elf, '.go.buildinfo');
  if (section) {
    return occurrences(elf.reader, section.offset, section.offset + section.size, MAGIC).next().value ?? undefined;
  }
  // Without a section table (sstrip), look where the linker puts it; the magic stands in debug/buildinfo's code as well.
  if (elf.sections.length > 0) return undefined;
  for (const load of elf.loads) {
    if (load.executable) continue;
    for (const at of occurrences(elf.reader, load.offset, load.offset + load.fileSize, MAGIC)) {
      if (at % 16 === 0) return at;
    }
  }
  return undefined;
}

function readText(reader: ByteReader, at: number, maxBytes: number): { readonly text: string; readonly next: number } {
  const { value: length, next } = readVarint(reader, at);
  const kept = Math.min(length, maxBytes, Math.max(0, reader.size - next));
  return { text: Buffer.from(reader.bytes(next, kept)).toString('utf8'), next: next + length };
}

function parseModule(marked: string): GoModule | undefined {
  const lines = marked.slice(MARK_BYTES).split('\n');
  const field = (key: string): readonly string[] =>
    lines
      .find((line) => line.startsWith(`${key}\t`))
      ?.split('\t')
      .slice(1) ?? [];
  const [path = '', version = ''] = field('mod');
  const [mainPackage = ''] = field('path');
  return mainPackage === '' && path === '' ? undefined : { path, version, mainPackage };
}
