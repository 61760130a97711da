/** Some of the recordings of docs/compatibility.md; all of them with GOTAPE_ALL_GO=1. `npm run compatibility` writes it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithBpf } from '../../support/bpf-available.js';
import { ALL_TOOLCHAINS, TOOLCHAINS } from '../../support/go-build.js';
import { Workspace } from '../record-trace.js';
import { faultsOf, measureRun, type Seen } from './measure-run.js';
import { describeCheck } from './script-truth.js';
import { GO_SUBJECTS, RELEASE_SUBJECTS, scriptSubject } from './subjects.js';

const subjects =
  TOOLCHAINS.length === ALL_TOOLCHAINS.length
    ? [...GO_SUBJECTS, ...RELEASE_SUBJECTS]
    : [scriptSubject('1.19.13', 'cgo'), scriptSubject('1.26.8', '-race'), scriptSubject('1.27.1', 'stripped PIE')];

for (const subject of subjects) {
  describeWithBpf(`${subject.name}, ${subject.build}, recorded with stacks and calls`, () => {
    const workspace = new Workspace();
    let seen: Seen;

    beforeAll(async () => {
      seen = await measureRun(workspace, subject);
    });
    afterAll(() => workspace[Symbol.dispose]());

    test('has no fault: unbroken chains, every hit that the kernel counts, names, stacks, and all that it says of itself', () => {
      expect(faultsOf(seen)).toEqual([]);
      expect(seen.transitions).toBeGreaterThan(500);
      expect(seen.stacks.rooted).toBeGreaterThan(300);
    });

    if (!subject.calls.includes('main.work')) return; // the others tell less
    test('starts three thousand goroutines, which come and go once', () => {
      expect(describeCheck(seen.goroutines!)).toBe('goroutines: 3018 of 3018');
      expect(deedsOf(seen)).toContain('short lives: 3000 of 3000');
    });

    test('panics, recovers and leaves without a wait', () => {
      expect(deedsOf(seen)).toEqual(expect.arrayContaining(['panics: 60 of 60', 'recovered: 60 of 60']));
      expect(deedsOf(seen)).toEqual(expect.arrayContaining(['waits of who panics: 0 of 0', 'ends by Goexit: 1 of 1']));
    });

    test('keeps a locked goroutine on its thread', () => {
      const [locked] = seen.deeds!.filter(({ what }) => what === 'changes on the locked thread');
      expect(locked!.told).toBeGreaterThan(100);
      expect(locked!.recorded).toBe(locked!.told);
    });

    test('sleeps, runs commands, sets labels and calls as often as it says', () => {
      expect(deedsOf(seen)).toEqual(expect.arrayContaining(['sleeps: 20 of 20', 'woken by timers: 20 of 20']));
      expect(deedsOf(seen)).toContain('commands: 3 of 3');
      expect(describeCheck(seen.labels!)).toBe('labels: 20 of 20');
      expect(describeCheck(seen.calls!)).toBe('calls: 3600 of 3600');
    });

    test('collects under pressure as often as it says', () => {
      const [collections] = seen.deeds!.filter(({ what }) => what === 'collections');
      expect(collections!.told).toBeGreaterThan(10);
      if (collections!.impossible === undefined) expect(collections!.recorded).toBe(collections!.told);
    });
  });
}

function deedsOf({ deeds = [] }: Seen): string[] {
  return deeds.map(describeCheck);
}
