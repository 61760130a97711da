/**
 * A function's name as Go's tracebacks print it: each list of type arguments becomes `[...]`. They stand in full in the
 * function tables of Go 1.21 and later, where `main.Map[go.shape.int]` is the one body for all integers of that shape;
 * earlier linkers cut them. Source: `funcNamePiecesForPrint` in runtime/traceback.go.
 */
export function printedName(name: string): string {
  if (!name.includes('[')) return name;
  let printed = '';
  let depth = 0;
  for (const char of name) {
    if (char === '[' && depth++ === 0) printed += '[...]';
    if (depth === 0) printed += char;
    if (char === ']' && --depth < 0) return name; // not Go's: left alone
  }
  return depth === 0 ? printed : name;
}
