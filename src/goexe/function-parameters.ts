/**
 * Where the arguments of a function are when it is entered, and of what type: from DWARF, which tells for each parameter
 * in which registers it lies at the first instruction. Nothing is derived from the calling convention: parameters without
 * a name are missing in the DWARF of some Go releases, and generic functions have hidden ones.
 */

import { At, type DwarfEntries, type DwarfEntry, Tag } from './dwarf-entries.js';
import type { DwarfLocations, LocationPiece } from './dwarf-locations.js';
import type { GoArch } from './go-executable.js';

/** Number of a register of Go's ABIInternal, in its order; or why the value cannot be read. */
export type Place = number | 'float register' | 'stack' | 'nowhere';

/** A value as it was passed. */
export type ArgumentValue =
  | { readonly kind: 'integer'; readonly bytes: number; readonly signed: boolean; readonly at: Place }
  | { readonly kind: 'bool'; readonly at: Place }
  /** Pointers, channels, maps, functions. */
  | { readonly kind: 'pointer'; readonly at: Place }
  /** `at` is its first word, the type: nil when 0. */
  | { readonly kind: 'interface'; readonly at: Place }
  | { readonly kind: 'string'; readonly at: Place; readonly length: Place }
  | { readonly kind: 'slice'; readonly at: Place; readonly length: Place }
  | { readonly kind: 'struct'; readonly fields: readonly { readonly name: string; readonly value: ArgumentValue }[] }
  /** Floating point numbers, arrays, what DWARF does not describe. */
  | { readonly kind: 'other'; readonly at: Place };

export interface FunctionParameter {
  readonly name: string;
  /** As Go writes it; empty when DWARF does not say. */
  readonly type: string;
  readonly value: ArgumentValue;
}

/** reflect.Kind, which Go's linker puts into DWARF. */
const Kind = {
  bool: 1,
  int: 2,
  int64: 6,
  uint: 7,
  uintptr: 12,
  chan: 18,
  func: 19,
  interface: 20,
  map: 21,
  pointer: 22,
  slice: 23,
  string: 24,
  struct: 25,
  unsafePointer: 26,
};
const KIND_MASK = 31;
const WORD = 8;
/** Types in types of one parameter: what is passed in registers has few. Damaged DWARF may go round in circles. */
const MAX_TYPES = 256;
const MAX_DEPTH = 16;

/** DWARF's register numbers (System V ABI for x86-64; DWARF for the Arm 64-bit Architecture) in the order of ABIInternal. */
const INTEGER_REGISTERS: Readonly<Record<GoArch, readonly number[]>> = {
  amd64: [0, 3, 2, 5, 4, 8, 9, 10, 11],
  arm64: Array.from({ length: 16 }, (_, i) => i),
};
const FIRST_FLOAT: Readonly<Record<GoArch, number>> = { amd64: 17, arm64: 64 };

/** Names of those registers, as Go's assembler calls them. */
export const REGISTER_NAMES: Readonly<Record<GoArch, readonly string[]>> = {
  amd64: ['AX', 'BX', 'CX', 'DI', 'SI', 'R8', 'R9', 'R10', 'R11'],
  arm64: Array.from({ length: 16 }, (_, i) => `R${i}`),
};

/** @param pc address of the first instruction */
export function readParameters(
  entries: DwarfEntries,
  locations: DwarfLocations,
  subprogram: DwarfEntry,
  pc: number,
  arch: GoArch,
): FunctionParameter[] {
  const parameters: FunctionParameter[] = [];
  for (const child of entries.childrenOf(subprogram)) {
    if (child.tag !== Tag.formalParameter) continue;
    // Of a function that is inlined elsewhere, names and types stand in its abstract entry.
    const described = entries.reference(child, At.abstractOrigin) ?? child;
    const name = entries.name(described) ?? '_';
    // A result, or the dictionary of a generic function.
    if (entries.number(described, At.variableParameter) === 1 || name.startsWith('.')) continue;
    const location = entries.location(child);
    const pieces = location ? locations.piecesAt(child.unit, location, pc) : [];
    const type = entries.reference(described, At.type);
    const placeAt = placesOf(pieces, arch);
    parameters.push({
      name: name.startsWith('~') ? '_' : name,
      type: type ? typeName(entries, type) : '',
      value: type ? argumentOf(entries, type, placeAt, 0, { types: MAX_TYPES }) : { kind: 'other', at: placeAt(0) },
    });
  }
  return parameters;
}

/** Place of the part of a variable at an offset. */
type PlaceAt = (offset: number) => Place;

function placesOf(pieces: readonly LocationPiece[], arch: GoArch): PlaceAt {
  return (offset) => {
    let at = 0;
    for (const { place, bytes } of pieces) {
      if (bytes === undefined) return place === 'stack' || offset === 0 ? placeOf(place, arch) : 'nowhere';
      if (at === offset) return placeOf(place, arch);
      at += bytes;
    }
    return 'nowhere';
  };
}

function placeOf(place: LocationPiece['place'], arch: GoArch): Place {
  if (place === 'stack' || place === 'nowhere') return place;
  const register = INTEGER_REGISTERS[arch].indexOf(place.register);
  if (register >= 0) return register;
  return place.register >= FIRST_FLOAT[arch] ? 'float register' : 'nowhere';
}

/** Counts down. */
interface Budget {
  types: number;
}

function argumentOf(
  entries: DwarfEntries,
  type: DwarfEntry,
  placeAt: PlaceAt,
  offset: number,
  budget: Budget,
): ArgumentValue {
  const at = placeAt(offset);
  const other: ArgumentValue = { kind: 'other', at };
  if (budget.types-- <= 0) return other;
  const kind = (entries.number(type, At.goKind) ?? 0) & KIND_MASK;
  const simple = simpleValue(kind, at, entries.number(type, At.byteSize) ?? WORD);
  if (simple) return simple;
  if (kind === Kind.string) return { kind: 'string', at, length: placeAt(offset + WORD) };
  if (kind === Kind.slice) return { kind: 'slice', at, length: placeAt(offset + WORD) };
  switch (type.tag) {
    case Tag.pointerType:
    case Tag.subroutineType:
      return { kind: 'pointer', at };
    case Tag.typedef: {
      const target = entries.reference(type, At.type);
      return target ? argumentOf(entries, target, placeAt, offset, budget) : other;
    }
    case Tag.structureType:
      return { kind: 'struct', fields: fieldsOf(entries, type, placeAt, offset, budget) };
    default:
      return other;
  }
}

function simpleValue(kind: number, at: Place, bytes: number): ArgumentValue | undefined {
  if (kind === Kind.bool) return { kind: 'bool', at };
  if (kind >= Kind.int && kind <= Kind.int64) return { kind: 'integer', bytes, signed: true, at };
  if (kind >= Kind.uint && kind <= Kind.uintptr) return { kind: 'integer', bytes, signed: false, at };
  if (kind === Kind.interface) return { kind: 'interface', at };
  const pointers: readonly number[] = [Kind.chan, Kind.func, Kind.map, Kind.pointer, Kind.unsafePointer];
  return pointers.includes(kind) ? { kind: 'pointer', at } : undefined;
}

function fieldsOf(entries: DwarfEntries, type: DwarfEntry, placeAt: PlaceAt, offset: number, budget: Budget) {
  return [...entries.childrenOf(type)].flatMap((member) => {
    const memberType = entries.reference(member, At.type);
    if (member.tag !== Tag.member || !memberType) return [];
    const at = offset + (entries.number(member, At.dataMemberLocation) ?? 0);
    return [{ name: entries.name(member) ?? '_', value: argumentOf(entries, memberType, placeAt, at, budget) }];
  });
}

/** The shapes of generic functions and their parameters (`.param0`) say what they stand for. */
function typeName(entries: DwarfEntries, type: DwarfEntry, depth = 0): string {
  const name = entries.name(type) ?? '';
  if (!name.startsWith('.') || depth > MAX_DEPTH) return name;
  const target = entries.reference(type, At.type);
  return target ? typeName(entries, target, depth + 1) : name;
}
