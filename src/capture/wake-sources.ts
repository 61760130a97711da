/**
 * What a wake-up by a thread that runs no goroutine was for: told by the function that made the goroutine runnable (the
 * return address of casgstatus) and by what the goroutine waited for. Source: the callers of `ready` and `injectglist`, and
 * `findRunnable`, in runtime/*.go of Go 1.19 … 1.27.
 */
import { WakeSource } from '../model/wake-source.js';

/** Goroutines of the runtime that wait for one thing only. */
const BY_REASON: ReadonlyMap<string, number> = new Map([
  // sysmon: forcegcperiod is over, there is memory to give back, GOMAXPROCS may have to change.
  ['force gc (idle)', WakeSource.sysmon],
  ['GC scavenge wait', WakeSource.sysmon],
  ['GOMAXPROCS updater (idle)', WakeSource.sysmon],
  // findRunnable: the collector has work for them.
  ['finalizer wait', WakeSource.gc],
  ['cleanup wait', WakeSource.gc],
  ['GC worker (idle)', WakeSource.gc],
  ['GC assist wait', WakeSource.gc],
  ['GC weak to strong wait', WakeSource.gc],
  ['wait for GC cycle', WakeSource.gc],
  // schedule: there is a buffer to read.
  ['trace reader (blocked)', WakeSource.scheduler],
  // The timer of `time.Sleep`, and of the scavenger, which calls injectglist.
  ['sleep', WakeSource.timer],
]);

/** For what any goroutine may wait for. */
const BY_CALLER: ReadonlyMap<string, number> = new Map([
  ['runtime.ready', WakeSource.timer],
  ['runtime.injectglist', WakeSource.netpoll],
  ['runtime.findRunnable', WakeSource.netpoll],
  ['runtime.(*gcControllerState).findRunnableGCWorker', WakeSource.gc],
]);

/** @param caller function that called casgstatus @param reason why the goroutine waited */
export function wakeSourceOf(caller: string, reason: string): number {
  return BY_REASON.get(reason) ?? BY_CALLER.get(caller) ?? WakeSource.scheduler;
}
