import type { Span } from '../../model/span.js';
import type { GoroutineDirectory } from '../../model/span-sink.js';
import { WakeSource, wakeSourceName } from '../../model/wake-source.js';
import type { Packets } from './packets.js';
import type { Program } from './programs.js';

/** `G7 main.worker` as an argument of slices: interned when the first one names it. */
export class GoroutineLabels {
  readonly #packets: Packets;
  readonly #goroutines: GoroutineDirectory;
  readonly #iids: (number | undefined)[] = [];
  readonly #sources = new Map<number, number>();

  constructor(packets: Packets, goroutines: GoroutineDirectory) {
    this.#packets = packets;
    this.#goroutines = goroutines;
  }

  of(goroutine: number): number {
    const known = this.#iids[goroutine];
    if (known !== undefined) return known;
    const startFunction = this.#goroutines.infoOf(goroutine)?.startFunction;
    const name = `G${this.#goroutines.goidOf(goroutine)}`;
    const iid = this.#packets.newArgText(startFunction ? `${name} ${startFunction}` : name);
    this.#iids[goroutine] = iid;
    return iid;
  }

  /** Who made a goroutine runnable; undefined when nobody is known. */
  ofWaker({ waker, wakeSource }: Span, program: Program): number | undefined {
    if (waker !== 0) return this.ofGoid(waker, program);
    if (wakeSource === WakeSource.none || wakeSource === WakeSource.goroutine) return undefined;
    const known = this.#sources.get(wakeSource);
    if (known !== undefined) return known;
    const iid = this.#packets.argText(wakeSourceName(wakeSource));
    this.#sources.set(wakeSource, iid);
    return iid;
  }

  ofGoid(goid: number, program: Program): number {
    const goroutine = program.goroutineByGoid.get(goid);
    return goroutine === undefined ? this.#packets.argText(`G${goid}`) : this.of(goroutine);
  }
}
