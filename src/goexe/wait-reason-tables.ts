/**
 * Texts of `g.waitreason` by its number, renumbered in nearly every release: `waitReasonStrings` in `runtime/runtime2.go`
 * (a test compares them with the source of every release). Number 0 is the empty text, `waitReasonZero`.
 */
function parse(table: string): readonly string[] {
  return ['', ...table.split(';').map((text) => text.trim().replaceAll(/\s+/g, ' '))];
}

const go1_19 = parse(`
  GC assist marking; IO wait; chan receive (nil chan); chan send (nil chan); dumping heap; garbage collection;
  garbage collection scan; panicwait; select; select (no cases); GC assist wait; GC sweep wait; GC scavenge
  wait; chan receive; chan send; finalizer wait; force gc (idle); semacquire; sleep; sync.Cond.Wait; timer
  goroutine (idle); trace reader (blocked); wait for GC cycle; GC worker (idle); preempted; debug call`);
const go1_20 = parse(`
  GC assist marking; IO wait; chan receive (nil chan); chan send (nil chan); dumping heap; garbage collection;
  garbage collection scan; panicwait; select; select (no cases); GC assist wait; GC sweep wait; GC scavenge
  wait; chan receive; chan send; finalizer wait; force gc (idle); semacquire; sleep; sync.Cond.Wait;
  sync.Mutex.Lock; sync.RWMutex.RLock; sync.RWMutex.Lock; trace reader (blocked); wait for GC cycle; GC worker
  (idle); GC worker (active); preempted; debug call; GC mark termination; stopping the world`);
const go1_22 = parse(`
  GC assist marking; IO wait; chan receive (nil chan); chan send (nil chan); dumping heap; garbage collection;
  garbage collection scan; panicwait; select; select (no cases); GC assist wait; GC sweep wait; GC scavenge
  wait; chan receive; chan send; finalizer wait; force gc (idle); semacquire; sleep; sync.Cond.Wait;
  sync.Mutex.Lock; sync.RWMutex.RLock; sync.RWMutex.Lock; trace reader (blocked); wait for GC cycle; GC worker
  (idle); GC worker (active); preempted; debug call; GC mark termination; stopping the world; flushing proc
  caches; trace goroutine status; trace proc status; page trace flush; coroutine`);
const go1_23 = parse(`
  GC assist marking; IO wait; chan receive (nil chan); chan send (nil chan); dumping heap; garbage collection;
  garbage collection scan; panicwait; select; select (no cases); GC assist wait; GC sweep wait; GC scavenge
  wait; chan receive; chan send; finalizer wait; force gc (idle); semacquire; sleep; sync.Cond.Wait;
  sync.Mutex.Lock; sync.RWMutex.RLock; sync.RWMutex.Lock; trace reader (blocked); wait for GC cycle; GC worker
  (idle); GC worker (active); preempted; debug call; GC mark termination; stopping the world; flushing proc
  caches; trace goroutine status; trace proc status; page trace flush; coroutine; GC weak to strong wait`);
const go1_24 = parse(`
  GC assist marking; IO wait; chan receive (nil chan); chan send (nil chan); dumping heap; garbage collection;
  garbage collection scan; panicwait; select; select (no cases); GC assist wait; GC sweep wait; GC scavenge
  wait; chan receive; chan send; finalizer wait; force gc (idle); semacquire; sleep; sync.Cond.Wait;
  sync.Mutex.Lock; sync.RWMutex.RLock; sync.RWMutex.Lock; sync.WaitGroup.Wait; trace reader (blocked); wait for
  GC cycle; GC worker (idle); GC worker (active); preempted; debug call; GC mark termination; stopping the
  world; flushing proc caches; trace goroutine status; trace proc status; page trace flush; coroutine; GC weak
  to strong wait; synctest.Run; synctest.Wait; chan receive (synctest); chan send (synctest); select (synctest)`);
const go1_25 = parse(`
  GC assist marking; IO wait; chan receive (nil chan); chan send (nil chan); dumping heap; garbage collection;
  garbage collection scan; panicwait; select; select (no cases); GC assist wait; GC sweep wait; GC scavenge
  wait; chan receive; chan send; finalizer wait; force gc (idle); GOMAXPROCS updater (idle); semacquire; sleep;
  sync.Cond.Wait; sync.Mutex.Lock; sync.RWMutex.RLock; sync.RWMutex.Lock; sync.WaitGroup.Wait; trace reader
  (blocked); wait for GC cycle; GC worker (idle); GC worker (active); preempted; debug call; GC mark
  termination; stopping the world; flushing proc caches; trace goroutine status; trace proc status; page trace
  flush; coroutine; GC weak to strong wait; synctest.Run; synctest.Wait; chan receive (durable); chan send
  (durable); select (durable); sync.WaitGroup.Wait (durable); cleanup wait`);
const go1_26 = parse(`
  GC assist marking; IO wait; dumping heap; garbage collection; garbage collection scan; panicwait; GC assist
  wait; GC sweep wait; GC scavenge wait; finalizer wait; force gc (idle); GOMAXPROCS updater (idle); semacquire;
  sleep; chan receive (nil chan); chan send (nil chan); select (no cases); select; chan receive; chan send;
  sync.Cond.Wait; sync.Mutex.Lock; sync.RWMutex.RLock; sync.RWMutex.Lock; sync.WaitGroup.Wait; trace reader
  (blocked); wait for GC cycle; GC worker (idle); GC worker (active); preempted; debug call; GC mark
  termination; stopping the world; flushing proc caches; trace goroutine status; trace proc status; page trace
  flush; coroutine; GC weak to strong wait; synctest.Run; synctest.Wait; chan receive (durable); chan send
  (durable); select (durable); sync.WaitGroup.Wait (durable); cleanup wait`);

const byMinor: ReadonlyMap<number, readonly string[]> = new Map([
  [19, go1_19],
  [20, go1_20],
  [21, go1_20],
  [22, go1_22],
  [23, go1_23],
  [24, go1_24],
  [25, go1_25],
  [26, go1_26],
  [27, go1_26],
]);

/** Empty for a release without a table. */
export function waitReasonsOfRelease(minor: number): readonly string[] {
  return byMinor.get(minor) ?? [];
}
