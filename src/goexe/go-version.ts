/** The Go release that built an executable: from its build info, else from the text of `runtime.buildVersion`. */
import { UserError } from '../base/errors.js';
import { printable } from '../base/text.js';
import type { BuildInfo } from './build-info.js';
import { pieces } from './byte-search.js';
import { type ElfFile, sectionNamed, vaddrOf } from './elf-file.js';
import type { GoVersion } from './go-executable.js';
import { OLDEST_MINOR } from './go-releases.js';
import type { PclntabHeader } from './pclntab-header.js';

const VERSION = /go(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?/;
const MAX_VERSION_BYTES = 16;
const MAX_CANDIDATES = 1000;

/** `devel go1.27-abc …`, `go1.22rc1`, `go1.24.4 X:…` and vendors' suffixes are understood; undefined for anything else. */
export function parseGoVersion(text: string, source: GoVersion['source']): GoVersion | undefined {
  const match = VERSION.exec(text);
  if (!match) return undefined;
  return {
    major: Number(match[1]),
    minor: Number(match[2]),
    patch: Number(match[3] ?? 0),
    text: printable(text),
    source,
  };
}

/** @throws UserError when it cannot be told, or is older than {@link OLDEST_MINOR}. */
export function readGoVersion(elf: ElfFile, table: PclntabHeader, buildInfo: BuildInfo | undefined): GoVersion {
  const version = parseGoVersion(buildInfo?.version ?? '', 'build info') ?? findVersionString(elf, table);
  if (!version) {
    throw new UserError(
      `unknown Go version: ${elf.reader.name} has a Go function table, but neither build info nor a version string (go1.x)`,
    );
  }
  if (version.major !== 1 || version.minor < OLDEST_MINOR) {
    throw new UserError(
      `${elf.reader.name} was built with ${version.text} (gotape records Go 1.${OLDEST_MINOR} and later)`,
    );
  }
  return version;
}

/**
 * `runtime.buildVersion` is a string header (pointer, length) in the data segment; the text itself stands unterminated
 * among other strings. So: all texts that look like a version, then the header that points to one of them.
 */
function findVersionString(elf: ElfFile, table: PclntabHeader): GoVersion | undefined {
  const textByVaddr = findVersionTexts(elf);
  const texts = [...pointedTo(elf, textByVaddr), ...textByVaddr.values()];
  return texts
    .flatMap((text) => parseGoVersion(text, 'string in read-only data') ?? [])
    .filter((version) => fitsTable(version, elf, table))[0];
}

function findVersionTexts(elf: ElfFile): Map<number, string> {
  const found: { readonly vaddr: number; readonly text: string }[] = [];
  const section = sectionNamed(elf, '.rodata');
  const ranges = section ? [{ offset: section.offset, fileSize: section.size }] : elf.loads;
  for (const { offset, fileSize } of ranges) {
    for (const piece of pieces(elf.reader, offset, offset + fileSize, MAX_VERSION_BYTES)) {
      for (const match of piece.bytes.toString('latin1').matchAll(/go1\.\d{1,3}(?:\.\d{1,3})?/g)) {
        const vaddr = vaddrOf(elf, piece.start + match.index);
        if (vaddr !== undefined) found.push({ vaddr, text: match[0] });
        if (found.length >= MAX_CANDIDATES) break;
      }
    }
  }
  // With a patch number first, then the newest: other strings name a release that introduced something ("go1.13").
  return new Map(found.toSorted((a, b) => rank(b.text) - rank(a.text)).map(({ vaddr, text }) => [vaddr, text]));
}

function rank(text: string): number {
  const [, , minor, patch] = VERSION.exec(text) ?? [];
  return (patch === undefined ? 0 : 1e6) + Number(minor) * 1000 + Number(patch ?? 0);
}

function* pointedTo(elf: ElfFile, textByVaddr: ReadonlyMap<number, string>): Generator<string> {
  const section = sectionNamed(elf, '.data');
  if (!section || textByVaddr.size === 0) return;
  for (let at = section.offset; at + 16 <= section.offset + section.size; at += 8) {
    const text = textByVaddr.get(elf.reader.u64(at));
    const length = elf.reader.u64(at + 8);
    if (text !== undefined && length >= 'go1.19'.length && length <= text.length) yield text.slice(0, length);
  }
}

/** The function table changed its magic with 1.20 and lost its text base with 1.26. */
function fitsTable(version: GoVersion, elf: ElfFile, table: PclntabHeader): boolean {
  if ((table.functionBytes === 40) !== version.minor < 20) return false;
  const textStart = elf.reader.u64(table.start + 24);
  return elf.positionIndependent || (textStart === 0) === version.minor >= 26;
}
