/** A reader of BTF (Documentation/bpf/btf.rst), as much as struct layouts need: the compiler's own word on them. */
import { readFileSync } from 'node:fs';

const KIND_INT = 1;
const KIND_ARRAY = 3;
const KIND_STRUCT = 4;
const KIND_UNION = 5;
const KIND_ENUM = 6;
const KIND_FUNC_PROTO = 13;
const KIND_VAR = 14;
const KIND_DATASEC = 15;
const KIND_DECL_TAG = 17;

/** Bytes that follow a type's 12-byte header, by kind and `vlen`. */
function trailerBytes(kind: number, vlen: number): number {
  switch (kind) {
    case KIND_INT:
    case KIND_VAR:
    case KIND_DECL_TAG:
      return 4;
    case KIND_ARRAY:
    case KIND_STRUCT:
    case KIND_UNION:
    case KIND_DATASEC:
      return kind === KIND_ARRAY ? 12 : 12 * vlen;
    case KIND_ENUM:
    case KIND_FUNC_PROTO:
      return 8 * vlen;
    default:
      return 0;
  }
}

export interface StructLayout {
  readonly bytes: number;
  /** Byte offset by member name. */
  readonly members: Readonly<Record<string, number>>;
}

/** Layout of every named struct in an object's .BTF section. */
export function readBtfStructs(objectPath: string): Map<string, StructLayout> {
  const btf = sectionOf(readFileSync(objectPath), '.BTF');
  const types = 24 + btf.readUInt32LE(8);
  const typesEnd = types + btf.readUInt32LE(12);
  const strings = 24 + btf.readUInt32LE(16);
  const nameAt = (offset: number) => btf.toString('latin1', strings + offset, btf.indexOf(0, strings + offset));
  const structs = new Map<string, StructLayout>();
  for (let at = types; at < typesEnd; ) {
    const info = btf.readUInt32LE(at + 4);
    const kind = (info >>> 24) & 0x1f;
    const vlen = info & 0xffff;
    if (kind === KIND_STRUCT) {
      const members: Record<string, number> = {};
      for (let i = 0; i < vlen; i++) {
        const member = at + 12 + 12 * i;
        members[nameAt(btf.readUInt32LE(member))] = (btf.readUInt32LE(member + 8) & 0xff_ffff) / 8;
      }
      structs.set(nameAt(btf.readUInt32LE(at)), { bytes: btf.readUInt32LE(at + 8), members });
    }
    at += 12 + trailerBytes(kind, vlen);
  }
  return structs;
}

function sectionOf(elf: Buffer, wanted: string): Buffer {
  const headers = Number(elf.readBigUInt64LE(0x28));
  const count = elf.readUInt16LE(0x3c);
  const section = (i: number) => {
    const at = headers + 64 * i;
    return {
      name: elf.readUInt32LE(at),
      offset: Number(elf.readBigUInt64LE(at + 24)),
      size: Number(elf.readBigUInt64LE(at + 32)),
    };
  };
  const names = section(elf.readUInt16LE(0x3e));
  for (let i = 0; i < count; i++) {
    const { name, offset, size } = section(i);
    const start = names.offset + name;
    if (elf.toString('latin1', start, elf.indexOf(0, start)) === wanted) return elf.subarray(offset, offset + size);
  }
  throw new Error(`no section ${wanted}`);
}
