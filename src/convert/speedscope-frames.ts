import type { ProfileFrame } from './stack-sums.js';

/** Frames of a file, shared by its profiles: one per function, so that a goroutine's frames stay open from stack to stack. */
export class SpeedscopeFrames {
  readonly #numbers = new Map<string, number>();
  readonly #files: string[] = [];

  of({ function: name, file }: Pick<ProfileFrame, 'function' | 'file'>): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) {
      if (file !== '') this.#files[known] ||= file;
      return known;
    }
    this.#numbers.set(name, this.#files.length);
    return this.#files.push(file) - 1;
  }

  /** As the file format wants them. */
  *all(): Iterable<{ readonly name: string; readonly file?: string }> {
    for (const [name, number] of this.#numbers) {
      const file = this.#files[number]!;
      yield file === '' ? { name } : { name, file };
    }
  }
}
