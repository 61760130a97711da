/** Puts files into a trace: entries under `attachments/`. Everything else is copied as it is, its CRC checked. */
import { UserError } from '../../base/errors.js';
import { ArchiveWriter, type ByteSink } from '../archive-writer.js';
import { ATTACHMENTS, HEADER_ENTRY, SUMMARY_ENTRY } from '../entry-names.js';
import type { TraceFile } from '../trace-file.js';
import { assertWhole } from './whole-trace.js';

/** Readers refuse a larger entry. */
export const MAXIMUM_ATTACHMENT_BYTES = 64 * 1024 * 1024;
/** Of a name, in UTF-8: file systems take 255, and a number may be added. */
const MAXIMUM_NAME_BYTES = 200;

export interface NewAttachment {
  /** As the user wrote it, folders included. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Writes the trace with attachments behind those it has. Returns the names of their entries.
 * @throws UserError for a trace that is cut off or damaged
 */
export function attachFiles(trace: TraceFile, sink: ByteSink, files: readonly NewAttachment[]): string[] {
  assertWhole(trace);
  const writer = new ArchiveWriter(sink);
  const names = new EntryNames();
  const added: string[] = [];
  const addAll = () => {
    for (const { path, bytes } of files) {
      const name = names.unused(attachmentName(path));
      writer.add([name, bytes]);
      added.push(name);
    }
  };
  const copied = trace.entries.filter(({ name }) => names.take(name));
  for (const entry of copied) {
    if (entry.name === SUMMARY_ENTRY) addAll();
    writer.add([entry.name, trace.readEntry(entry)]);
  }
  writer.finish();
  return added;
}

/** The last part of a path, without what a file name on some system could not be. @throws UserError when nothing is left */
export function attachmentName(path: string): string {
  const last = path.split(/[/\\]/).findLast((part) => part !== '') ?? '';
  // Letters, digits and harmless marks of any script; never a control character, a colon or a quote.
  const clean = last
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{M}\p{N}._+=@(),\- ]/gu, '_')
    .replace(/^[. ]+/, '')
    .replace(/[. ]+$/, '');
  if (clean === '') throw new UserError(`${JSON.stringify(path)}: is not the name of a file`);
  if (clean === HEADER_ENTRY || clean === SUMMARY_ENTRY)
    throw new UserError(`${clean}: is the name of a part of the trace; give the file another name`);
  return ATTACHMENTS + shortened(clean);
}

function shortened(name: string): string {
  const { stem, ending } = splitEnding(name);
  const letters = [...stem];
  while (letters.length > 1 && Buffer.byteLength(letters.join('') + ending) > MAXIMUM_NAME_BYTES) letters.pop();
  return letters.join('') + ending;
}

/** `notes.tar.gz` → `notes.tar` and `.gz`. What is long behind the last dot is no ending. */
function splitEnding(name: string): { stem: string; ending: string } {
  const ending = /.(\.[^.]{1,12})$/u.exec(name)?.[1] ?? '';
  return { stem: name.slice(0, name.length - ending.length), ending };
}

/** Names of one archive, also for those who unpack it where upper and lower case are the same. */
class EntryNames {
  readonly #taken = new Set<string>();

  /** False for a name that was taken before. */
  take(name: string): boolean {
    if (this.#taken.has(keyOf(name))) return false;
    this.#taken.add(keyOf(name));
    return true;
  }

  /** The name, or with a number: `note-2.md`. */
  unused(name: string): string {
    const { stem, ending } = splitEnding(name);
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? name : `${stem}-${number}${ending}`;
      if (this.take(candidate)) return candidate;
    }
  }
}

function keyOf(name: string): string {
  return name.toLowerCase().normalize('NFC');
}
