/**
 * A web server that never was: requests arrive, each gets a goroutine, which reads, asks a pool of workers, writes a log under a
 * mutex and ends; the collector works now and then. Simulated on four Ps, the same on every machine, in any number of requests:
 * for pictures of converted traces and for tests of scale. Segments are made anew for each reader.
 */
import { Heap } from '../../src/base/heap.js';
import { GoState } from '../../src/model/go-state.js';
import type { FrameInfo, StackInfo } from '../../src/model/stack.js';
import type { Gap, GoroutineInfo } from '../../src/model/trace-facts.js';
import type { TraceSegment, TraceSource } from '../../src/model/trace-segment.js';
import { NO_P } from '../../src/model/transition-batch.js';
import { WakeSource } from '../../src/model/wake-source.js';
import { emptyFacts, MutableBatch } from './text-trace.js';

export interface ServerOptions {
  readonly requests: number;
  /** Mean time between two requests. */
  readonly everyNs?: number;
  readonly workers?: number;
  readonly gaps?: readonly Gap[];
}

const { dead, runnable, running, waiting, syscall } = GoState;
const PID = 4242;
const PS = 4;
const ROWS_PER_SEGMENT = 1 << 16;
const REASONS = ['', 'chan receive', 'IO wait', 'sync.Mutex.Lock', 'GC worker (idle)', 'sleep', 'chan send'] as const;
type Reason = Exclude<(typeof REASONS)[number], ''>;
const PLACES: Readonly<Record<Reason, string>> = {
  'chan receive': 'main.(*Pool).ask',
  'IO wait': 'net.(*netFD).Read',
  'sync.Mutex.Lock': 'main.(*Log).write',
  'GC worker (idle)': 'runtime.gcBgMarkWorker',
  sleep: 'main.(*Cache).refresh',
  'chan send': 'main.(*Pool).ask',
};

type Step =
  | { readonly run: number }
  | { readonly syscall: number }
  | { readonly sleep: number; readonly why: Reason; readonly by: number }
  | { readonly park: Reason };
type Life = Generator<Step, void, undefined>;

interface Goroutine {
  readonly goid: number;
  readonly life: Life;
  state: number;
  p: number;
  /** A wake-up that came before it parked. */
  token: boolean;
}

/** Requests arrive at random; a hundred thousand take about ten simulated seconds. */
export function serverTrace({ requests, everyNs = 100_000, workers = 8, gaps = [] }: ServerOptions): TraceSource {
  const source = {
    facts: { ...emptyFacts, targets: [target] },
    reasons: REASONS,
    endNs: 0,
    async *segments(): AsyncGenerator<TraceSegment> {
      const server = new Server(requests, everyNs, workers);
      for (let index = 0; ; index++) {
        const segment = server.segment(index, index === 0 ? gaps : []);
        source.endNs = server.now + 1000;
        yield segment;
        if (server.isDone) return;
      }
    },
  };
  return source;
}

const target = {
  pid: PID,
  executable: '/srv/shop',
  commandLine: ['/srv/shop'],
  goVersion: 'go1.26',
  buildId: '',
  arch: 'amd64',
  layout: [],
  warnings: [],
} as const;

class Server {
  now = 0;
  #clock = 0;
  #seed = 7;
  #goids = 0;
  #served = 0;
  #batch = new MutableBatch(ROWS_PER_SEGMENT + 64);
  #rows = 0;
  #infos: GoroutineInfo[] = [];
  readonly #requests: number;
  readonly #everyNs: number;
  readonly #pool: number;
  readonly #workers: Goroutine[] = [];
  readonly #asking: Goroutine[] = [];
  readonly #locking: Goroutine[] = [];
  #locked = false;
  readonly #queue: Goroutine[] = [];
  readonly #idlePs = Array.from({ length: PS }, (_, p) => p);
  readonly #events = new Heap<{ atNs: number; act: () => void }>((a, b) => a.atNs < b.atNs);

  constructor(requests: number, everyNs: number, workers: number) {
    this.#requests = requests;
    this.#everyNs = everyNs;
    this.#pool = workers;
  }

  get isDone(): boolean {
    const isIdle = this.#events.first === undefined && this.#queue.length === 0;
    return isIdle || this.#served >= this.#requests;
  }

  segment(index: number, gaps: readonly Gap[]): TraceSegment {
    this.#batch = new MutableBatch(ROWS_PER_SEGMENT + 64);
    this.#rows = 0;
    this.#infos = [];
    if (index === 0) this.#go(0, 'main.main', this.#main(this.#pool));
    while (this.#rows < ROWS_PER_SEGMENT && !this.isDone) {
      this.#dispatch();
      const event = this.#events.pop();
      if (event === undefined) break;
      this.#clock = Math.max(this.#clock, event.atNs);
      event.act();
    }
    const transitions = Object.assign(this.#batch, { length: this.#rows });
    const details = index === 0 ? { frames: FRAMES, stacks: STACKS } : {};
    return { index, transitions, goroutines: this.#infos, gaps, ...details };
  }

  *#main(workers: number): Life {
    for (let i = 0; i < workers; i++) this.#workers.push(this.#go(1, 'main.(*Pool).work', this.#worker()));
    for (let i = 0; i < PS; i++) this.#go(1, 'runtime.gcBgMarkWorker', this.#collector());
    this.#go(1, 'main.(*Cache).refresh', this.#cache());
    this.#go(1, 'net/http.(*Server).Serve', this.#accept());
    yield { run: 30_000 };
    yield { park: 'chan receive' };
  }

  *#accept(): Life {
    const self = this.#goids;
    for (let i = 0; i < this.#requests; i++) {
      yield { sleep: this.#about(this.#everyNs), why: 'IO wait', by: WakeSource.netpoll };
      yield { run: this.#about(4_000) };
      this.#go(self, 'net/http.(*conn).serve', this.#request());
    }
  }

  *#request(): Life {
    const self = this.#running!;
    yield { run: this.#about(20_000) };
    yield { sleep: this.#about(150_000), why: 'IO wait', by: WakeSource.netpoll };
    yield { run: this.#about(15_000) };
    this.#asking.push(self);
    const idle = this.#workers.filter(({ state }) => state === waiting);
    const worker = idle[this.#about(97) % Math.max(idle.length, 1)];
    if (worker !== undefined) this.#wake(worker, self.goid);
    yield { park: 'chan receive' };
    while (this.#locked) {
      this.#locking.push(self);
      yield { park: 'sync.Mutex.Lock' };
    }
    this.#locked = true;
    yield { syscall: this.#about(6_000) };
    this.#locked = false;
    const next = this.#locking.shift();
    if (next !== undefined) this.#wake(next, self.goid);
    yield { run: this.#about(10_000) };
    this.#served++;
  }

  *#worker(): Life {
    const self = this.#running!;
    for (;;) {
      const asker = this.#asking.shift();
      if (asker === undefined) yield { park: 'chan receive' };
      else {
        yield { run: this.#about(60_000) };
        this.#wake(asker, self.goid);
      }
    }
  }

  *#collector(): Life {
    for (;;) {
      yield { sleep: this.#about(9_000_000), why: 'GC worker (idle)', by: WakeSource.gc };
      yield { run: this.#about(400_000) };
    }
  }

  *#cache(): Life {
    for (;;) {
      yield { sleep: this.#about(5_000_000), why: 'sleep', by: WakeSource.timer };
      yield { run: this.#about(200_000) };
      yield { syscall: this.#about(300_000) };
    }
  }

  #running: Goroutine | undefined;

  #go(parentGoid: number, startFunction: string, life: Life): Goroutine {
    const goroutine = { goid: ++this.#goids, life, state: dead, p: NO_P, token: false };
    const createdBy = parentGoid === 0 ? '' : 'main.main /srv/shop/main.go:31';
    const { goid } = goroutine;
    this.#infos.push({
      pid: PID,
      goid,
      firstSeenNs: this.now,
      origin: 'created',
      parentGoid,
      startFunction,
      createdBy,
    });
    this.#change(goroutine, runnable, { waker: parentGoid });
    this.#queue.push(goroutine);
    return goroutine;
  }

  #wake(goroutine: Goroutine, waker: number, by: number = WakeSource.goroutine): void {
    if (goroutine.state !== waiting) {
      goroutine.token = true;
      return;
    }
    this.#change(goroutine, runnable, { waker, by });
    this.#queue.push(goroutine);
  }

  #dispatch(): void {
    while (this.#queue.length > 0 && this.#idlePs.length > 0) {
      const goroutine = this.#queue.shift()!;
      goroutine.p = this.#idlePs.shift()!;
      this.#change(goroutine, running, {});
      this.#step(goroutine);
    }
  }

  #step(goroutine: Goroutine): void {
    this.#running = goroutine;
    const { value: step, done } = goroutine.life.next();
    if (done) this.#off(goroutine, dead);
    else if ('run' in step) this.#after(step.run, () => this.#step(goroutine));
    else if ('syscall' in step) {
      this.#change(goroutine, syscall, {});
      this.#after(step.syscall, () => {
        this.#change(goroutine, running, {});
        this.#step(goroutine);
      });
    } else if ('sleep' in step) {
      this.#off(goroutine, waiting, step.why);
      this.#after(step.sleep, () => this.#wake(goroutine, 0, step.by));
    } else if (goroutine.token) {
      goroutine.token = false;
      this.#step(goroutine);
    } else this.#off(goroutine, waiting, step.park);
  }

  /** Leaves its P. */
  #off(goroutine: Goroutine, state: number, why?: Reason): void {
    this.#change(goroutine, state, { why });
    this.#idlePs.push(goroutine.p);
    goroutine.p = NO_P;
  }

  #change(
    g: Goroutine,
    to: number,
    { why, waker = 0, by = 0 }: { why?: Reason | undefined; waker?: number; by?: number },
  ) {
    const [batch, row] = [this.#batch, this.#rows++];
    this.now = Math.max(this.#clock, this.now + 120);
    batch.timeNs[row] = this.now;
    batch.goid[row] = g.goid;
    batch.pid[row] = PID;
    batch.tid[row] = PID + 1 + (g.p & 7);
    batch.cpu[row] = g.p & 3;
    batch.p[row] = to === running ? g.p : NO_P;
    batch.from[row] = g.state;
    batch.to[row] = to;
    batch.reason[row] = why === undefined ? 0 : REASONS.indexOf(why);
    batch.stack[row] = batch.reason[row]!;
    batch.waker[row] = waker;
    batch.wakeSource[row] = waker === 0 ? by : WakeSource.goroutine;
    g.state = to;
  }

  #after(ns: number, act: () => void): void {
    this.#events.push({ atNs: this.now + ns, act });
  }

  /** Mostly near `ns`, at times several times as long. */
  #about(ns: number): number {
    this.#seed ^= this.#seed << 13;
    this.#seed ^= this.#seed >>> 17;
    this.#seed ^= this.#seed << 5;
    const unit = (this.#seed >>> 0) / 2 ** 32;
    return Math.round(ns * (0.2 - 0.8 * Math.log(1 - unit * 0.999)));
  }
}

const FRAMES: readonly FrameInfo[] = [
  { id: 1, function: 'runtime.gopark', file: '/usr/lib/go/src/runtime/proc.go', line: 435, inlined: false },
  ...Object.values(PLACES).map((name, i) => ({
    id: i + 2,
    function: name,
    file: '/srv/shop/main.go',
    line: 10 * i + 7,
    inlined: false,
  })),
];

/** Stack `n` is of reason `n`. */
const STACKS: readonly StackInfo[] = Object.keys(PLACES).map((_, i) => ({
  id: i + 1,
  frames: [1, i + 2],
  truncated: false,
}));
