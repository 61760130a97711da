import { defineConfig } from 'vitest/config';

/** Tests that record for real: one at a time, because they measure and because breakpoints cost the whole machine. */
const LIVE = ['test/truth/**/*.test.ts', 'test/cli/**/*.test.ts', 'test/faults/**/*.test.ts', 'test/package.test.ts'];

const shared = {
  root: new URL('..', import.meta.url).pathname,
  pool: 'forks',
  testTimeout: 120_000,
  hookTimeout: 600_000,
} as const;
const setupFiles = [new URL('support/property-limits.ts', import.meta.url).pathname];

export default defineConfig({
  test: {
    ...shared,
    reporters: ['default', new URL('support/summary-reporter.ts', import.meta.url).pathname],
    projects: [
      {
        test: {
          ...shared,
          setupFiles,
          name: 'pure',
          include: ['test/**/*.test.ts'],
          exclude: LIVE,
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: { ...shared, setupFiles, name: 'live', include: LIVE, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
