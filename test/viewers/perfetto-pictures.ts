/**
 * Makes the pictures of docs/perfetto.md, in the real UI, and tells what it took:
 *
 *     node --import tsx test/viewers/perfetto-pictures.ts [FOLDER]
 *
 * A web server that was simulated (test/support/server-trace.ts) with 100, 2,000 and 200,000 requests, a goroutine each.
 * The tests load the first two too; the third takes about a minute.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { convertToPerfetto } from '../support/convert-to-perfetto.js';
import { serverTrace } from '../support/server-trace.js';
import { statesByName } from './perfetto-figures.js';
import { PerfettoUi } from './perfetto-ui.js';

const docs = process.argv[2] ?? fileURLToPath(new URL('../../docs/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gotape-pictures-'));
const gaps = [{ fromNs: 2_000_000, toNs: 2_600_000, lost: 1234, why: 'ring full' }];

interface Picture {
  readonly name: string;
  readonly requests: number;
  readonly everyNs?: number;
  readonly layout: 'native' | 'tree';
  /** Groups that are opened. */
  readonly expand?: string;
  readonly settleMs?: number;
}

const PICTURES: readonly Picture[] = [
  { name: 'perfetto-small', requests: 60, layout: 'native', expand: 'Pool|conn' },
  { name: 'perfetto-2000', requests: 2000, layout: 'native' },
  { name: 'perfetto-200000', requests: 200_000, layout: 'native', settleMs: 40_000 },
  { name: 'perfetto-tree', requests: 2000, layout: 'tree', expand: 'conn' },
];

async function take({ name, requests, everyNs, layout, expand, settleMs = 4000 }: Picture): Promise<void> {
  const source = serverTrace({ requests, gaps, ...(everyNs !== undefined && { everyNs }) });
  const { bytes, audit } = await convertToPerfetto(source, { layout });
  const trace = join(folder, `${name}.pftrace`);
  writeFileSync(trace, bytes);
  const began = Date.now();
  await using ui = await PerfettoUi.open(trace, expand === undefined ? {} : { expand });
  const loadedMs = Date.now() - began;
  const errors = await ui.importErrors();
  const picture = join(docs, `${name}.png`);
  await ui.screenshot(picture, settleMs);
  console.log(`${name}: ${audit.summary()}`);
  console.log(
    `  ${bytes.length} bytes, ${gzipSync(bytes).length} as .gz; loaded in ${loadedMs} ms, errors: ${JSON.stringify(errors)}`,
  );
  console.log(
    `  time per state: ${JSON.stringify(await statesByName(ui))}; ${statSync(picture).size} bytes of picture`,
  );
}

try {
  for (const picture of PICTURES) await take(picture);
} finally {
  rmSync(folder, { recursive: true });
}
