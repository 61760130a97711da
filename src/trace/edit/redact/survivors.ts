/** Proves that nothing of a trace survived its redaction. */
import type { ByteSource } from '../../../base/byte-source.js';
import { PatternSet } from './pattern-set.js';
import { MINIMUM_SEARCHED_BYTES } from './sensitive-strings.js';
import { unpackedParts } from './unpacked-parts.js';

/** 2^-64 for each position: no chance. */
const MINIMUM_IN_NUMBERS = 8;

export interface Survivor {
  readonly text: string;
  readonly where: string;
}

/** Each string and each place once. @throws UserError when a part of the file cannot be searched */
export function findSurvivors(redacted: ByteSource, strings: ReadonlySet<string>): Survivor[] {
  const patterns = new PatternSet(strings);
  const survivors = new Map<string, Survivor>();
  for (const { where, bytes, isNumbers } of unpackedParts(redacted)) {
    for (const text of patterns.find(bytes, isNumbers ? MINIMUM_IN_NUMBERS : MINIMUM_SEARCHED_BYTES))
      survivors.set(`${where}\n${text}`, { text, where });
  }
  return [...survivors.values()];
}
