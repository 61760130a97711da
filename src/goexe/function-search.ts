/** Functions whose names match a pattern, from the table of names: it holds those too that exist only inlined. */
import { matchesGlob } from '../base/glob.js';
import { pieces } from './byte-search.js';
import type { FunctionTable } from './function-table.js';
import type { GoFunction } from './go-executable.js';

/** `funcFlag_ASM` of `runtime/symtab.go`; the flags stand before the last two bytes of `_func`. */
const FLAG_ASSEMBLY = 4;
const FLAGS_BEFORE_END = 3;
const MAX_NAME_BYTES = 4096;

export interface FoundFunction extends GoFunction {
  /** Written in assembly: arguments on the stack, and g need not be in its register. */
  readonly isAssembly: boolean;
}

export interface FoundFunctions {
  readonly functions: readonly FoundFunction[];
  /** Names that match but are functions of no address: every call of them was inlined. */
  readonly inlined: readonly string[];
}

/** In the order of their addresses. */
export function searchFunctions(table: FunctionTable, patterns: readonly string[]): FoundFunctions {
  const names = matchingNames(table, patterns);
  const functions: FoundFunction[] = [];
  const seen = new Set<string>();
  for (let index = 0; names.size > 0 && index < table.header.functionCount; index++) {
    const record = table.record(index);
    const name = names.get(table.reader.i32(record + 4));
    if (name === undefined) continue;
    seen.add(name);
    const flags = table.reader.u8(record + table.header.functionBytes - FLAGS_BEFORE_END);
    functions.push({ ...table.function(index), isAssembly: (flags & FLAG_ASSEMBLY) !== 0 });
  }
  return { functions, inlined: [...new Set(names.values())].filter((name) => !seen.has(name)) };
}

/** True when a pattern names the function: `*` is any text, but `(*` begins a pointer receiver, as in Go. */
export function matchesFunction(pattern: string, name: string): boolean {
  return pattern === name || matchesGlob(pattern.replaceAll('(*', '(\u0001'), name.replaceAll('(*', '(\u0001'));
}

/** By offset into the table, where every name stands once, ended by NUL. */
function matchingNames({ reader, header }: FunctionTable, patterns: readonly string[]): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  let next = header.names;
  for (const { start, bytes } of pieces(reader, header.names, header.unitFiles, MAX_NAME_BYTES)) {
    for (;;) {
      const end = bytes.indexOf(0, next - start);
      if (next - start >= bytes.length || end < 0) break;
      const name = bytes.toString('utf8', next - start, end);
      if (name !== '' && patterns.some((pattern) => matchesFunction(pattern, name)))
        names.set(next - header.names, name);
      next = start + end + 1;
    }
  }
  return names;
}
