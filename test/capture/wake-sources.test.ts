import { expect, test } from 'vitest';
import { wakeSourceOf } from '../../src/capture/wake-sources.js';
import { wakeSourceName } from '../../src/model/wake-source.js';

test.each([
  ['a sleep that ended', 'runtime.ready', 'sleep', 'timer'],
  ['a channel of time.After', 'runtime.ready', 'chan receive', 'timer'],
  ['a deadline of a connection', 'runtime.ready', 'IO wait', 'timer'],
  ['a connection that can be read', 'runtime.findRunnable', 'IO wait', 'netpoll'],
  ['several of them', 'runtime.injectglist', 'IO wait', 'netpoll'],
  ['a worker of the collector', 'runtime.(*gcControllerState).findRunnableGCWorker', 'GC worker (idle)', 'gc'],
  ['a worker for idle time', 'runtime.findRunnable', 'GC worker (idle)', 'gc'],
  ['finalizers that became due', 'runtime.ready', 'finalizer wait', 'gc'],
  ['the scavenger, by sysmon', 'runtime.injectglist', 'GC scavenge wait', 'sysmon'],
  ['the scavenger, by its timer', 'runtime.injectglist', 'sleep', 'timer'],
  ['the periodic collection', 'runtime.injectglist', 'force gc (idle)', 'sysmon'],
  ['the reader of runtime/trace', 'runtime.findRunnable', 'trace reader (blocked)', 'scheduler'],
  ['a function that nobody knows', 'runtime.newInNextRelease', 'select', 'scheduler'],
])('%s is told by who woke it and what it waited for', (_, caller, reason, source) => {
  expect(wakeSourceName(wakeSourceOf(caller, reason))).toBe(source);
});
