/** What a trace says that must not be seen outside: the strings, and the parts of them that would tell on their own. */
import type { CallInfo } from '../../../model/call.js';
import type { FrameInfo } from '../../../model/stack.js';
import type { GoroutineInfo, TraceFacts } from '../../../model/trace-facts.js';
import { isBasicArguments, isCompilerPart, PUNCTUATION, splitGoName, splitSite, symbolParts } from './go-name.js';
import type { IsPublic } from './name-redactor.js';
import { isPlainReason } from './public-facts.js';
import { PublicText } from './public-text.js';

/** Shorter ones would be found by chance. */
export const MINIMUM_SEARCHED_BYTES = 4;
/** Of attachments: lines that are shorter say little and are often the same. */
const MINIMUM_LINE = 8;
const MAXIMUM_LINES = 10_000;
/** Of labels and arguments: a trace may hold one for each request. */
const MAXIMUM_VALUES = 100_000;
/** Between the parts of a text that would tell on their own. */
const SEPARATORS = /[/=,:;\s@"']/;
/** Digits alone: line numbers and times are numbers too. And what a pseudonym may hold by chance. */
const CHANCE = /^(\d{1,11}|[0-9a-f]{1,7})$/i;

export interface SensitiveStrings {
  readonly strings: ReadonlySet<string>;
  /** How many are too short, or ordinary words of every trace, to be looked for; or too many. */
  readonly skipped: number;
}

export class SensitiveCollector {
  readonly #isPublic: IsPublic;
  readonly #publicText: PublicText;
  /** Of the host and the command line; and of the program, whose words may be those of gotape's sentences. */
  readonly #places = new Set<string>();
  readonly #names = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #values = new Set<string>();
  #valuesSkipped = 0;

  constructor(facts: TraceFacts, isPublic: IsPublic) {
    this.#isPublic = isPublic;
    this.#publicText = new PublicText(facts);
    const { targets, notes, invisible, probes, sources = [] } = facts;
    for (const { hostname, bootId } of [facts.host, ...sources.map(({ host }) => host)]) {
      this.#place(hostname, /[.]/);
      this.#place(bootId, /$/);
    }
    for (const { executable, commandLine, buildId, warnings } of targets) {
      this.#path(executable);
      for (const argument of commandLine) this.#place(argument, SEPARATORS);
      this.#place(buildId, /[/]/);
      for (const text of warnings) this.sentence(text);
    }
    for (const text of [...invisible, ...probes.map(({ why }) => why), ...sources.map(({ stopReason }) => stopReason)])
      this.sentence(text);
    for (const text of notes) this.lines(text);
    for (const glob of facts.window?.functions ?? []) this.function(glob.replaceAll(/[*?]/g, ''));
    for (const { symbol } of probes) this.function(symbol);
  }

  goroutine({ startFunction, createdBy, labels = [] }: GoroutineInfo): void {
    if (this.#isNew(startFunction)) this.function(startFunction);
    for (const { key, value } of labels) {
      if (this.#isNewValue(key)) this.#place(key, SEPARATORS);
      if (this.#isNewValue(value)) this.#place(value, SEPARATORS);
    }
    if (!this.#isNew(createdBy)) return;
    const { name, file } = splitSite(createdBy);
    this.#source(name, file);
  }

  frame(frame: FrameInfo): void {
    if (this.#isNew(`${frame.function} ${frame.file}`)) this.#source(frame.function, frame.file);
  }

  call(call: CallInfo): void {
    if (this.#isNew(call.function)) this.function(call.function);
    if (!this.#isNewValue(call.arguments)) return;
    for (const [, text] of call.arguments.matchAll(/"((?:[^"\\]|\\.)*)"/g)) this.#place(text!, SEPARATORS);
    for (const word of call.arguments.match(/[\p{L}\p{N}_]+/gu) ?? []) this.#names.add(word);
  }

  /** A function and the file where it stands. */
  #source(name: string, file: string): void {
    this.function(name);
    this.#publicText.addFile(file);
    const { packagePath } = splitGoName(name);
    if (!this.#isPublic(packagePath)) this.#path(file.replace(/\.(go|s|c|h|cc|cpp)$/, ''));
    else this.#path(file.slice(0, Math.max(0, file.lastIndexOf(`/${packagePath}/`))));
  }

  function(name: string): void {
    const { packagePath, symbol } = splitGoName(name);
    if (this.#isPublic(packagePath)) this.#publicText.add(name.replaceAll(/\[.*\]/g, ''));
    else if (packagePath !== 'main') this.#package(packagePath);
    for (const part of symbolParts(symbol)) {
      if (part.startsWith('[')) for (const word of part.match(/[^[\]\s,*()]+/g) ?? []) this.#typeArgument(word);
      else if (!this.#isPublic(packagePath) && !PUNCTUATION.has(part) && !isCompilerPart(part)) this.#names.add(part);
    }
  }

  /** Why goroutines wait: Go's words. What does not look like them is taken for somebody else's. */
  reason(text: string): void {
    if (isPlainReason(text)) this.#publicText.add(text);
    else this.lines(text);
  }

  /** Free text of gotape or the system: paths stand in it. */
  sentence(text: string): void {
    for (const [path] of text.matchAll(/(?<=^|[\s"'(:=])\/[^\s"'():,;]+/g)) this.#path(path);
  }

  /** A text of the user, and a path or name that stands for one. */
  lines(text: string): void {
    for (const line of text.split(/\r?\n/, MAXIMUM_LINES)) {
      const trimmed = line.trim();
      if (trimmed.length >= MINIMUM_LINE) this.#places.add(trimmed);
    }
  }

  /** What is to be searched. Call it when everything was said. */
  finish(): SensitiveStrings {
    const strings = new Set<string>();
    for (const [set, words] of [
      [this.#places, false],
      [this.#names, true],
    ] as const) {
      for (const text of set) if (this.#isSearched(text, words)) strings.add(text);
    }
    return { strings, skipped: new Set([...this.#places, ...this.#names]).size - strings.size + this.#valuesSkipped };
  }

  #isSearched(text: string, isName: boolean): boolean {
    if (Buffer.byteLength(text) < MINIMUM_SEARCHED_BYTES || CHANCE.test(text)) return false;
    return !(this.#publicText.has(text) || (isName && this.#publicText.isWord(text)));
  }

  #typeArgument(word: string): void {
    if (isBasicArguments(`[${word}]`)) return;
    const { packagePath, symbol } = splitGoName(word.replace(/^go\.shape\./, ''));
    if (this.#isPublic(packagePath)) return;
    if (packagePath !== 'main') this.#package(packagePath);
    for (const part of symbol.match(/[\p{L}_][\p{L}\p{M}\p{N}_]*/gu) ?? []) this.#names.add(part);
  }

  /** The linker escapes dots of the last part: both forms count. */
  #package(path: string): void {
    for (const form of [
      path,
      path.replaceAll(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(parseInt(code.slice(1), 16))),
    ])
      this.#place(form, /[/]/);
  }

  #path(path: string): void {
    this.#place(path, /[/]/);
    this.#place(path.slice(path.lastIndexOf('/') + 1), /[.]/);
  }

  #place(text: string, separator: RegExp): void {
    if (text === '') return;
    for (const part of [text, ...text.split(separator)]) if (part !== '') this.#places.add(part);
  }

  #isNewValue(text: string): boolean {
    if (text === '' || this.#values.has(text)) return false;
    const fits = this.#values.size < MAXIMUM_VALUES;
    if (fits) this.#values.add(text);
    else this.#valuesSkipped++;
    return fits;
  }

  #isNew(name: string): boolean {
    const isNew = name !== '' && !this.#seen.has(name);
    this.#seen.add(name);
    return isNew;
  }
}
