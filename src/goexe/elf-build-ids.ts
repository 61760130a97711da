/** Build ids from the ELF notes of the GNU linker (name `GNU`, type 3) and of the Go linker (name `Go`, type 4). */
import { printable } from '../base/text.js';
import { type ElfFile, sectionNamed } from './elf-file.js';

const GNU_BUILD_ID = 3;
const GO_BUILD_ID = 4;
const MAX_ID_BYTES = 512;

export interface BuildIds {
  readonly gnu: string;
  readonly go: string;
}

export function readBuildIds(elf: ElfFile): BuildIds {
  const gnu = readNote(elf, '.note.gnu.build-id', GNU_BUILD_ID);
  const go = readNote(elf, '.note.go.buildid', GO_BUILD_ID);
  return { gnu: gnu.toString('hex'), go: printable(go.toString('utf8')) };
}

/** Payload of a section that holds one note: u32 name size, u32 payload size, u32 type, padded name, payload. */
function readNote(elf: ElfFile, sectionName: string, type: number): Buffer {
  const none = Buffer.alloc(0);
  const section = sectionNamed(elf, sectionName);
  if (!section || section.size < 12) return none;
  const { reader } = elf;
  const nameBytes = reader.u32(section.offset);
  const payloadBytes = reader.u32(section.offset + 4);
  const payloadAt = 12 + Math.ceil(nameBytes / 4) * 4;
  const whole = payloadAt + payloadBytes <= section.size && payloadBytes <= MAX_ID_BYTES;
  if (reader.u32(section.offset + 8) !== type || !whole) return none;
  return Buffer.from(reader.bytes(section.offset + payloadAt, payloadBytes));
}
