/** Takes the names apart that Go's linker gives to functions: `example.com/a/b.(*T[...]).m.func1`. */

export interface GoName {
  /** `example.com/a/b`; empty for a name without one. */
  readonly packagePath: string;
  /** What stands behind the package and its dot. */
  readonly symbol: string;
}

export function splitGoName(name: string): GoName {
  // Type arguments hold paths of their own.
  const bracket = name.indexOf('[');
  const head = bracket < 0 ? name : name.slice(0, bracket);
  // The linker escapes dots in the last part of a path: the first one ends it.
  const dot = head.indexOf('.', head.lastIndexOf('/') + 1);
  return dot < 0 ? { packagePath: '', symbol: name } : { packagePath: name.slice(0, dot), symbol: name.slice(dot + 1) };
}

/** `FUNCTION FILE:LINE`, as `created_by` has it. Type arguments of the function may hold spaces. */
export function splitSite(site: string): { name: string; file: string; line: string } {
  let depth = 0;
  for (let i = 0; i < site.length; i++) {
    if (site[i] === '[') depth++;
    else if (site[i] === ']') depth--;
    else if (site[i] === ' ' && depth <= 0) {
      const match = /^(.*?)(:\d+)?$/s.exec(site.slice(i + 1));
      return { name: site.slice(0, i), file: match?.[1] ?? '', line: match?.[2] ?? '' };
    }
  }
  return { name: site, file: '', line: '' };
}

/**
 * Parts of a symbol: what stands between punctuation, and type arguments (brackets included) as one part each. Joined they
 * are the symbol.
 */
export function symbolParts(symbol: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  const cut = (at: number) => {
    if (at > start) parts.push(symbol.slice(start, at));
    start = at;
  };
  for (let i = 0; i < symbol.length; i++) {
    const char = symbol[i]!;
    if (char === '[' && depth++ === 0) cut(i);
    else if (char === ']' && depth > 0 && --depth === 0) cut(i + 1);
    else if (depth === 0 && PUNCTUATION.has(char)) {
      cut(i);
      cut(i + 1);
    }
  }
  cut(symbol.length);
  return parts;
}

export const PUNCTUATION: ReadonlySet<string> = new Set(['.', '(', ')', '*', '-']);

/** What the compiler names itself: closures, wrappers, initializers. */
export function isCompilerPart(part: string): boolean {
  return /^(\d+|(func|gowrap|deferwrap|range)\d+|fm|init|glob|\[\.\.\.\])$/.test(part);
}

const BASIC = '(go\\.shape\\.)?\\*?(u?int(8|16|32|64|ptr)?|string|bool|byte|rune|error|any|float(32|64))(_\\d+)?';
const BASIC_ARGUMENTS = new RegExp(`^\\[${BASIC}(, ?${BASIC})*\\]$`);

/** Type arguments that name no type of the program. */
export function isBasicArguments(part: string): boolean {
  return BASIC_ARGUMENTS.test(part);
}
