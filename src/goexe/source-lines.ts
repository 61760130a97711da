/**
 * Program counter → functions, files and lines, with inlined calls expanded as Go's own tracebacks do.
 * Source: `runtime/symtab.go` (`funcline1`, `funcfile`, `pcdatavalue1`, `funcdata`), `runtime/symtabinl.go` (`inlineUnwinder`).
 */
import { type ElfFile, fileOffsetOf } from './elf-file.js';
import type { FunctionTable } from './function-table.js';
import type { GoFunction, SourceLocation } from './go-executable.js';
import { pcValue } from './pc-values.js';

// Offsets into `_func`. `npcdata` stands before `cuOffset`, `funcID` four bytes before the end, `nfuncdata` is the last byte.
const PCFILE = 20;
const PCLN = 24;
const PCDATA_COUNT = 28;
const UNIT_OFFSET = 32;

const PCDATA_INLINE_INDEX = 2;
const FUNCDATA_INLINE_TREE = 3;
const FUNCDATA_WRAP_INFO = 7;
const ABSENT = 0xffffffff;

/** `runtime.inlinedCall`: 20 bytes up to Go 1.19, 16 from 1.20 on. */
const INLINED_CALL = {
  40: { bytes: 20, id: 2, name: 12, parentPc: 16 },
  44: { bytes: 16, id: 0, name: 4, parentPc: 8 },
} as const;
const MAX_DEPTH = 200;
const MAX_PATH_BYTES = 4096;

export interface SourceTables {
  /** `moduledata.gofunc`; undefined when the module data was not found: then nothing is expanded. */
  readonly functionData: number | undefined;
  readonly wrapperId: number;
}

interface InlinedCall {
  readonly name: string;
  readonly parentPc: number;
  readonly functionId: number;
}

export class SourceLines {
  readonly #elf: ElfFile;
  readonly #table: FunctionTable;
  readonly #functionData: number | undefined;
  readonly #wrapperId: number;

  constructor(elf: ElfFile, table: FunctionTable, { functionData, wrapperId }: SourceTables) {
    this.#elf = elf;
    this.#table = table;
    this.#functionData = functionData;
    this.#wrapperId = wrapperId;
  }

  /** All frames at an address, innermost first; empty outside of Go code. */
  frames(pc: number): readonly SourceLocation[] {
    const index = this.#table.indexAt(pc);
    if (index < 0) return [];
    const entry = this.#table.entry(index);
    const record = this.#table.record(index);
    const frames: SourceLocation[] = [];
    let pcDelta = pc - entry;
    while (frames.length < MAX_DEPTH) {
      const call = this.#inlinedCallAt(record, pcDelta);
      const name = call ? call.name : this.#table.function(index).name;
      const id = call ? call.functionId : this.#elf.reader.u8(record + this.#table.header.functionBytes - 4);
      const wrapper = id === this.#wrapperId ? ({ isWrapper: true } as const) : {};
      frames.push({ function: name, ...this.#position(record, pcDelta), ...wrapper });
      if (!call) break;
      pcDelta = call.parentPc;
    }
    return frames;
  }

  /** What `startPCForTrace` in `runtime/tracestack.go` does: a wrapper made for a go statement names what it calls. */
  startFunctionAt(pc: number): GoFunction | undefined {
    const index = this.#table.indexAt(pc);
    if (index < 0) return undefined;
    const wrapInfo = this.#functionDataAt(this.#table.record(index), FUNCDATA_WRAP_INFO);
    const wrapped = wrapInfo === undefined ? undefined : this.#elf.reader.u32(wrapInfo);
    return (
      (wrapped === undefined ? undefined : this.#table.functionAt(this.#table.textStart + wrapped)) ??
      this.#table.function(index)
    );
  }

  #position(record: number, pcDelta: number): { readonly file: string; readonly line: number } {
    const { reader } = this.#elf;
    const line = this.#pcValue(reader.u32(record + PCLN), pcDelta);
    const file = this.#pcValue(reader.u32(record + PCFILE), pcDelta);
    return { file: file < 0 ? '' : this.#fileName(reader.u32(record + UNIT_OFFSET) + file), line: Math.max(0, line) };
  }

  #fileName(unitFile: number): string {
    const { reader } = this.#elf;
    const { unitFiles, files } = this.#table.header;
    const offset = reader.u32(unitFiles + unitFile * 4);
    return offset === ABSENT ? '' : reader.cString(files + offset, MAX_PATH_BYTES);
  }

  #inlinedCallAt(record: number, pcDelta: number): InlinedCall | undefined {
    const { reader } = this.#elf;
    if (reader.u32(record + PCDATA_COUNT) <= PCDATA_INLINE_INDEX) return undefined;
    const tree = this.#functionDataAt(record, FUNCDATA_INLINE_TREE);
    if (tree === undefined) return undefined;
    const { functionBytes } = this.#table.header;
    const index = this.#pcValue(reader.u32(record + functionBytes + PCDATA_INLINE_INDEX * 4), pcDelta);
    if (index < 0) return undefined;
    const shape = functionBytes === 40 ? INLINED_CALL[40] : INLINED_CALL[44];
    const call = tree + index * shape.bytes;
    return {
      name: this.#table.nameAt(reader.i32(call + shape.name)),
      parentPc: reader.u32(call + shape.parentPc),
      functionId: reader.u8(call + shape.id),
    };
  }

  /** File offset of one of a function's data. */
  #functionDataAt(record: number, kind: number): number | undefined {
    const { reader } = this.#elf;
    const { functionBytes } = this.#table.header;
    if (this.#functionData === undefined || reader.u8(record + functionBytes - 1) <= kind) return undefined;
    const offset = reader.u32(record + functionBytes + (reader.u32(record + PCDATA_COUNT) + kind) * 4);
    return offset === ABSENT ? undefined : fileOffsetOf(this.#elf, this.#functionData + offset);
  }

  /** -1 when the function has no such table (offset 0). */
  #pcValue(offset: number, pcDelta: number): number {
    const { pcTables, pcQuantum } = this.#table.header;
    return offset === 0 ? -1 : pcValue(this.#elf.reader, pcTables + offset, pcQuantum, pcDelta);
  }
}
