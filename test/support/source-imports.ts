/** Every import of the source, as edges between folders and to packages. Text is enough: Biome keeps its shape. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const sourceFolder = fileURLToPath(new URL('../../src', import.meta.url));

export interface SourceImport {
  /** Relative to `src`. */
  readonly file: string;
  /** File relative to `src`, or the name of a package, or `node:…`. */
  readonly target: string;
  readonly isLocal: boolean;
  readonly isTypeOnly: boolean;
}

/** Files of `src` that people wrote, relative to it. */
export function sourceFiles(): string[] {
  return readdirSync(sourceFolder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('/gen/'))
    .toSorted();
}

export function readSource(file: string): string {
  return readFileSync(join(sourceFolder, file), 'utf8');
}

export function importsOf(file: string, text = readSource(file)): SourceImport[] {
  const found: SourceImport[] = [];
  // import … from 'x', export … from 'x'
  for (const [, clause = '', target = ''] of text.matchAll(
    /^(?:import|export)\s([^;'"]*?)\sfrom\s+['"]([^'"]+)['"]/gm,
  )) {
    found.push(edge(file, target, isTypeClause(clause)));
  }
  // import 'x', and import('x') as an expression or in a type
  for (const [, target = ''] of text.matchAll(/^import\s+['"]([^'"]+)['"]/gm)) found.push(edge(file, target, false));
  for (const [, target = ''] of text.matchAll(/\b(?:import|require)\(\s*['"]([^'"]+)['"]/g)) {
    found.push(edge(file, target, false));
  }
  return found;
}

function edge(file: string, target: string, isTypeOnly: boolean): SourceImport {
  const isLocal = target.startsWith('.');
  const name = isLocal ? normalize(join(dirname(file), target)).replace(/\.js$/, '.ts') : packageOf(target);
  return { file, target: name, isLocal, isTypeOnly };
}

/** `type { A }`, or `{ type A, type B }`. */
function isTypeClause(clause: string): boolean {
  if (clause.startsWith('type ')) return true;
  const names = /^\{(.*)\}$/s.exec(clause.trim())?.[1];
  if (names === undefined) return false;
  return names
    .split(',')
    .filter((name) => name.trim() !== '')
    .every((name) => name.trim().startsWith('type '));
}

function packageOf(target: string): string {
  if (target.startsWith('node:')) return target;
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}
