/**
 * DWARF sections as readers, decompressed where the linker compressed them (Go's does).
 * Source: System V ABI, "Section compression" (Elf64_Chdr); the older `.zdebug_` form: `ZLIB`, u64 big-endian size, stream.
 */
import { inflateSync } from 'node:zlib';
import { bytesSource } from '../base/byte-source.js';
import { ByteReader } from './byte-reader.js';
import { type ElfFile, type ElfSection, sectionNamed } from './elf-file.js';

const SHF_COMPRESSED = 0x800;
const ZLIB = 1;
const CHDR_BYTES = 24;
const ZDEBUG_HEADER_BYTES = 12;
/** A section may not unpack to more: the largest executables seen have a quarter of it. */
const MAX_UNPACKED_BYTES = 256 * 1024 * 1024;

/** `name` without its prefix: `info`, `abbrev`, `str`. Undefined when absent or packed in an unknown way. */
export function dwarfSection(elf: ElfFile, name: string): ByteReader | undefined {
  const packed = sectionNamed(elf, `.zdebug_${name}`);
  if (packed) return unpack(elf, packed, ZDEBUG_HEADER_BYTES);
  const section = sectionNamed(elf, `.debug_${name}`);
  if (!section) return undefined;
  if ((section.flags & SHF_COMPRESSED) === 0) return view(elf, section);
  if (section.size < CHDR_BYTES || elf.reader.u32(section.offset) !== ZLIB) return undefined;
  return unpack(elf, section, CHDR_BYTES);
}

function view(elf: ElfFile, section: ElfSection): ByteReader {
  const read = (offset: number, length: number) => elf.reader.bytes(section.offset + offset, length);
  return new ByteReader({ size: section.size, read }, `${section.name} of ${elf.reader.name}`);
}

/** The size that the header claims is not needed: the output is bounded anyway. */
function unpack(elf: ElfFile, section: ElfSection, headerBytes: number): ByteReader | undefined {
  if (section.size <= headerBytes || section.size > MAX_UNPACKED_BYTES) return undefined;
  const packed = elf.reader.bytes(section.offset + headerBytes, section.size - headerBytes);
  const unpacked = inflate(packed);
  return unpacked && new ByteReader(bytesSource(unpacked), `${section.name} of ${elf.reader.name}`);
}

function inflate(packed: Uint8Array): Uint8Array | undefined {
  try {
    return inflateSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch {
    return undefined; // Damaged or too large: as if it were stripped.
  }
}
