/** What verification finds: a line each, and a bounded number of each kind however broken the file is. */
import { printable } from '../../base/text.js';

/** Kinds of problems; each has a limit of its own, so that a thousand of one do not hide the only one of another. */
export const PROBLEM_KINDS = [
  'archive',
  'entry',
  'table',
  'time',
  'state',
  'goroutine',
  'gap',
  'stack',
  'call',
  'sched',
  'summary',
  'index',
] as const;
export type ProblemKind = (typeof PROBLEM_KINDS)[number];

export interface Problem {
  readonly kind: ProblemKind;
  /** Name of the entry; empty when it is the file as a whole. */
  readonly entry: string;
  /** Row of the entry's table, from 0. */
  readonly row?: number;
  readonly found: string;
  readonly expected: string;
}

export const SHOWN_PER_KIND = 10;
const MAXIMUM_CHARACTERS = 300;

export class ProblemList {
  /** The first of each kind, in the order in which they were found. */
  readonly shown: Problem[] = [];
  readonly #counts = new Map<ProblemKind, number>();

  add(problem: Problem): void {
    const count = (this.#counts.get(problem.kind) ?? 0) + 1;
    this.#counts.set(problem.kind, count);
    if (count <= SHOWN_PER_KIND) this.shown.push(harmless(problem));
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** How many there are of each kind, shown or not. */
  get counts(): Readonly<Partial<Record<ProblemKind, number>>> {
    return Object.fromEntries(this.#counts);
  }
}

/** Names and texts come from the file. */
function harmless(problem: Problem): Problem {
  const text = (from: string) => printable(from.slice(0, MAXIMUM_CHARACTERS));
  return { ...problem, entry: text(problem.entry), found: text(problem.found), expected: text(problem.expected) };
}
