/** Tests that need real eBPF: skipped with the reason where there is none, except where there must be. */
import { describe, test } from 'vitest';
import { errorText } from '../../src/base/errors.js';
import { type BpfLayout, LAYOUT_FIELDS } from '../../src/capture/bpf-layout.js';

/** Why nothing can be recorded here; undefined when it can. Loads the BPF programs for a moment to know. */
export async function whyNoBpf(): Promise<string | undefined> {
  if (process.platform !== 'linux') return `needs Linux, this is ${process.platform}`;
  try {
    const { assertCanRecord } = await import('../../src/capture/privileges.js');
    assertCanRecord();
    const { captureLog } = await import('../../src/capture/libbpf-log.js');
    captureLog();
    const { BpfObject } = await import('../../src/capture/bpf-object.js');
    const layout = Object.fromEntries(LAYOUT_FIELDS.map((field) => [field, 0])) as BpfLayout;
    using _ = new BpfObject({ layout, bufferBytes: 4096 });
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}

const missing = await whyNoBpf();
if (missing !== undefined) process.stderr.write(`tests that record are not run: ${missing}\n`);
const mustHave = process.env['CI'] === 'true' && process.getuid?.() === 0;

/** A group of tests that record. Without BPF they are skipped; as root under CI that is a failure. */
export function describeWithBpf(name: string, define: () => void): void {
  if (missing === undefined) describe(name, define);
  else if (mustHave)
    describe(name, () => test('BPF is there for root in CI', () => Promise.reject(new Error(missing))));
  else describe.skip(`${name} (skipped: ${missing})`, define);
}
