/**
 * Offsets of runtime structs per Go release, for executables without DWARF. The same on amd64 and arm64.
 * Source: DWARF of programs built with every release (a test compares them), source and disassembly for 1.20 and 1.25;
 * checked on running programs. The layout does not grow monotonically: 1.25 takes back what 1.23 added.
 */
import { OPTIONAL_FIELDS, REQUIRED_FIELDS, type RuntimeField } from './go-executable.js';
import { waitReasonsOfRelease } from './wait-reason-tables.js';

/** Releases with a column below, oldest first: Go 1.`minor`. */
export const KNOWN_MINORS: readonly number[] = [19, 20, 21, 22, 23, 24, 25, 26, 27];
export const OLDEST_MINOR = 19;
/** The release has no such field. */
const none = -1;

// biome-ignore format: one row per field, one column per release
const offsets: Readonly<Record<RuntimeField, readonly number[]>> = {
  //                 1.19  1.20  1.21  1.22  1.23  1.24  1.25  1.26  1.27
  'g.m':            [  48,   48,   48,   48,   48,   48,   48,   48,   48],
  'g.sched.sp':     [  56,   56,   56,   56,   56,   56,   56,   56,   56],
  'g.sched.pc':     [  64,   64,   64,   64,   64,   64,   64,   64,   64],
  'g.sched.bp':     [ 104,  104,  104,  104,  104,  104,   96,   96,   96],
  'g.syscallsp':    [ 112,  112,  112,  112,  112,  112,  104,  104,  104],
  'g.syscallpc':    [ 120,  120,  120,  120,  120,  120,  112,  112,  112],
  'g.syscallbp':    [none, none, none, none,  128,  128,  120,  120,  120],
  'g.atomicstatus': [ 144,  144,  144,  144,  152,  152,  144,  144,  144],
  'g.goid':         [ 152,  152,  152,  152,  160,  160,  152,  152,  152],
  'g.waitreason':   [ 176,  176,  176,  176,  184,  184,  176,  176,  176],
  'g.coroexit':     [none, none, none,  187,  195,  195,  187,  187,  187],
  'g.parentGoid':   [none, none,  272,  272,  280,  280,  272,  280,  280],
  'g.gopc':         [ 296,  296,  280,  280,  288,  288,  280,  288,  288],
  'g.startpc':      [ 312,  312,  296,  296,  304,  304,  296,  304,  304],
  'g.labels':       [ 360,  360,  344,  344,  352,  352,  344,  352,  352],
  'g.coroarg':      [none, none, none,  368,  384,  384,  376,  384,  384],
  'm.g0':           [   0,    0,    0,    0,    0,    0,    0,    0,    0],
  'm.procid':       [  72,   72,   72,   72,   72,   72,   64,   64,   64],
  'm.curg':         [ 192,  192,  192,  192,  192,  192,  184,  184,  184],
  'm.p':            [ 208,  208,  208,  208,  208,  208,  200,  208,  208],
  'm.id':           [ 232,  232,  232,  232,  232,  232,  224,  232,  232],
  'p.id':           [   0,    0,    0,    0,    0,    0,    0,    0,    0],
  'p.status':       [   4,    4,    4,    4,    4,    4,    4,    4,    4],
};

// biome-ignore format: as above
/** `moduledata.gofunc`. */
const moduleGofunc: readonly number[] =
                    [ 304,  320,  320,  320,  320,  320,  320,  320,  344];

// biome-ignore format: as above
/** `FuncIDWrapper` (internal/abi/symtab.go): the id of functions that the compiler made to call others. */
const wrapperId: readonly number[] =
                    [  21,   21,   21,   22,   22,   22,   23,   23,   23];

export interface GoRelease {
  readonly minor: number;
  /** Bytes from the start of the struct; undefined for a field that the release does not have. */
  readonly offset: (field: RuntimeField) => number | undefined;
  readonly waitReasons: readonly string[];
  /** Offset of `gofunc`, the base of function data, in `runtime.moduledata`. */
  readonly moduleGofunc: number;
  /** `_func.funcID` of compiler-made wrappers. */
  readonly wrapperId: number;
}

/** The facts about Go 1.`minor`; undefined for a release that has no column. */
export function goRelease(minor: number): GoRelease | undefined {
  const column = KNOWN_MINORS.indexOf(minor);
  if (column < 0) return undefined;
  return {
    minor,
    offset: (field) => cell(offsets[field], column),
    waitReasons: waitReasonsOfRelease(minor),
    moduleGofunc: moduleGofunc[column] ?? 0,
    wrapperId: wrapperId[column] ?? 0,
  };
}

/** Newest first. */
export function knownReleases(): readonly GoRelease[] {
  return KNOWN_MINORS.toReversed().flatMap((minor) => goRelease(minor) ?? []);
}

export const ALL_FIELDS: readonly RuntimeField[] = [...REQUIRED_FIELDS, ...OPTIONAL_FIELDS];

function cell(row: readonly number[], column: number): number | undefined {
  const offset = row[column];
  return offset === none ? undefined : offset;
}
