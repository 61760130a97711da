import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../../src/base/byte-source.js';
import { publicPackages } from '../../../src/trace/edit/redact/name-redactor.js';
import { collectSensitive } from '../../../src/trace/edit/redact/sensitive-of-trace.js';
import { findSurvivors } from '../../../src/trace/edit/redact/survivors.js';
import { unpackedParts } from '../../../src/trace/edit/redact/unpacked-parts.js';
import { verifyTrace } from '../../../src/trace/verify/verify-trace.js';
import { textTrace, traceOf } from '../../support/text-trace.js';
import { pack, readTrace, smallTrace, testFacts, unpack, writeTrace } from '../memory-file.js';
import { openMemory, redacted } from './open-memory.js';

const fixture = (name: string) => readFileSync(new URL(`../../../fixtures/${name}.gotape.zip`, import.meta.url));

async function survivorsOf(original: Uint8Array, copy: Uint8Array, keep: string[] = []) {
  const { strings } = await collectSensitive(openMemory(original), publicPackages(keep));
  return findSurvivors(bytesSource(copy), strings);
}

/** Everything in a file, unpacked, for a plain search. */
function allBytes(trace: Uint8Array): Buffer {
  return Buffer.concat([...unpackedParts(bytesSource(trace))].map(({ bytes }) => bytes));
}

/** Words that no trace holds by chance. */
const secret = fc.stringMatching(/^[a-zA-Zäößжщ日本]{3,12}$/u).map((word) => `zq${word}`);

const secrets = fc.record({
  hostname: fc.tuple(secret, secret).map((parts) => parts.join('.')),
  folder: fc.array(secret, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`),
  argument: secret,
  note: secret,
  attachment: secret,
  names: fc.array(
    fc.record({
      path: fc.array(secret, { minLength: 1, maxLength: 3 }),
      type: secret,
      method: secret,
      argument: secret,
    }),
    { minLength: 1, maxLength: 20 },
  ),
});
type Secrets = typeof secrets extends fc.Arbitrary<infer T> ? T : never;

function traceWith(of: Secrets) {
  const goroutines = of.names.map(({ path, type, method, argument }, i) => ({
    pid: 1,
    goid: i + 1,
    firstSeenNs: 0,
    origin: 'created' as const,
    parentGoid: 0,
    startFunction: `example.com/${path.join('/')}.(*${type}).${method}.func1`,
    createdBy: `main.${method}[example.com/${path.join('/')}.${argument}] ${of.folder}/${argument}.go:${i}`,
  }));
  const target = {
    ...testFacts().targets[0]!,
    executable: `${of.folder}/${of.argument}`,
    commandLine: [`${of.folder}/${of.argument}`, `--x=${of.argument}`],
    warnings: [`no symbols in ${of.folder}/${of.argument}: stripped`],
  };
  const facts = testFacts({ targets: [target], notes: [`about ${of.note} today`] });
  return writeTrace(traceOf([{ rows: [], goroutines, gaps: [] }], 5), {
    ...facts,
    host: { ...facts.host, hostname: of.hostname, bootId: '0a0b0c0d-1111-2222-3333-444455556666' },
  });
}

describe('a redacted trace', () => {
  test('holds no secret, whatever the names: neither by our search nor by a plain one', async () => {
    await fc.assert(
      fc.asyncProperty(secrets, async (of) => {
        const plain = await traceWith(of);
        const before = pack([
          ...unpack(plain),
          { name: `attachments/${of.attachment}.md`, bytes: Buffer.from(`${of.attachment} and more`) },
        ]);
        const after = await redacted(before);
        expect(await survivorsOf(before, after)).toEqual([]);
        expect((await survivorsOf(before, before)).length).toBeGreaterThan(3);
        const bytes = allBytes(after);
        const words = [
          ...of.hostname.split('.'),
          ...of.folder.split('/'),
          of.argument,
          of.note,
          of.attachment,
          ...of.names.flatMap(({ path, type, method, argument }) => [...path, type, method, argument]),
        ];
        expect(words.filter((word) => word !== '' && bytes.includes(word))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    'go1.19-known',
    'go1.24-known',
    'go1.26-iter-pull',
    'go1.26-tsc',
    'go1.26-lost',
    'go1.26-details',
  ])('of the recording %s has the same rows and gaps, and no survivor', async (name) => {
    const before = fixture(name);
    const after = await redacted(before);
    expect(await survivorsOf(before, after)).toEqual([]);
    const [a, b] = [await readTrace(before), await readTrace(after)];
    expect(b.rows).toEqual(a.rows);
    expect(b.gaps).toEqual(a.gaps);
    expect(verifyTrace(bytesSource(after)).problems).toEqual([]);
    expect(b.goroutines.map(({ goid, parentGoid, origin }) => [goid, parentGoid, origin])).toEqual(
      a.goroutines.map(({ goid, parentGoid, origin }) => [goid, parentGoid, origin]),
    );
    expect({ ...b.summary, stopReason: '' }).toEqual({ ...a.summary, stopReason: '' });
    // Whoever had the same function has it still, and nobody else.
    const grouping = (names: string[]) => names.map((text) => names.indexOf(text));
    expect(grouping(b.goroutines.map(({ startFunction }) => startFunction))).toEqual(
      grouping(a.goroutines.map(({ startFunction }) => startFunction)),
    );
    expect(grouping(b.goroutines.map(({ createdBy }) => createdBy))).toEqual(
      grouping(a.goroutines.map(({ createdBy }) => createdBy)),
    );
  });

  test('says in its header that it is one, once', async () => {
    const twice = await readTrace(await redacted(await redacted(await smallTrace())));
    expect(twice.facts.invisible.filter((text) => text.startsWith('redacted: '))).toHaveLength(1);
  });

  test('has pseudonyms that depend on the key only', async () => {
    const [a, b] = await Promise.all([redacted(await smallTrace()), redacted(await smallTrace())]);
    expect(await readTrace(a)).toEqual(await readTrace(b));
    const other = await redacted(await smallTrace(), { key: Buffer.from('another key of the tests') });
    expect((await readTrace(other)).goroutines[0]!.startFunction).not.toBe(
      (await readTrace(a)).goroutines[0]!.startFunction,
    );
  });

  test('has no date in its entries', async () => {
    const bytes = Buffer.from(await redacted(await smallTrace()));
    const dates = unpack(bytes).length;
    expect(dates).toBeGreaterThan(3);
    // 1980-01-01 00:00 as DOS date and time, in the first local header.
    expect([bytes.readUInt16LE(10), bytes.readUInt16LE(12)]).toEqual([0, (1 << 5) | 1]);
  });

  test('leaves out notes, attachments and what it does not know', async () => {
    const later = [
      { name: 'later.pb', bytes: Buffer.from('x') },
      { name: 'attachments/a.md', bytes: Buffer.from('x') },
    ];
    const before = pack([
      ...unpack(await writeTrace(textTrace('10 1 runnable running'), testFacts({ notes: ['secret plan'] }))),
      ...later,
    ]);
    const after = await redacted(before);
    expect(unpack(after).map(({ name }) => name)).toEqual(['gotape.pb', 'transitions/000000.arrow', 'summary.pb']);
    expect((await readTrace(after)).facts.notes).toEqual([]);
    const kept = await redacted(before, { keepAttachments: true });
    expect((await readTrace(kept)).facts.notes).toEqual(['secret plan']);
    expect(unpack(kept).map(({ name }) => name)).not.toContain('later.pb');
  });

  test('numbers processes and threads anew when asked to', async () => {
    const { rows, goroutines, facts } = await readTrace(await redacted(fixture('go1.24-known'), { renumber: true }));
    const tids = new Set(rows.map(({ tid }) => tid));
    expect(Math.max(...tids)).toBe(tids.size);
    expect([facts.targets[0]!.pid, goroutines[0]!.pid, rows[0]!.pid]).toEqual([1, 1, 1]);
  });

  test('tells neither the date nor the uptime when the clocks are moved, and keeps every distance', async () => {
    const [before, after] = [
      await readTrace(fixture('go1.24-known')),
      await readTrace(await redacted(fixture('go1.24-known'), { moveClocks: true })),
    ];
    expect(new Date(Number(BigInt(after.facts.start.realtimeNs) / 1_000_000n)).getUTCFullYear()).toBe(2000);
    expect(after.facts.start.monotonicNs).toBe('1000000000');
    expect(after.rows).toEqual(before.rows);
    expect(after.endNs).toBe(before.endNs);
  });

  test('of a part of a merged trace tells neither the patterns nor the hosts it was made of', async () => {
    const { start } = testFacts();
    const host = {
      hostname: 'zqdatabase.zqcorp',
      kernel: '6.1.0-9-zqcorp',
      arch: 'x86_64',
      bootId: 'b00700b0-aaaa-4bbb-8ccc-123456789abc',
      cpus: 2,
    };
    const source = {
      producer: 'gotape 0.1.0',
      host,
      start,
      end: start,
      offsetNs: 0,
      uncertaintyNs: 5,
      alignment: 'realtime',
      pids: [{ pid: 1, original: 77 }],
      stopReason: 'writing failed: /zqdisk/full',
    };
    const facts = testFacts({
      window: { fromNs: 0, toNs: 50, goids: [], functions: ['example.com/zqpay/*.zqrun*'] },
      sources: [source],
    });
    const before = await writeTrace(textTrace('10 1 runnable running\nend 50'), facts);
    const after = await redacted(before, { renumber: true, moveClocks: true });
    expect(await survivorsOf(before, after)).toEqual([]);
    const bytes = allBytes(after);
    expect(
      ['zqdatabase', 'zqcorp', 'zqpay', 'zqrun', 'zqdisk', 'b00700b0'].filter((word) => bytes.includes(word)),
    ).toEqual([]);
    expect((await readTrace(after)).facts.sources![0]).toMatchObject({
      uncertaintyNs: 5,
      host: { kernel: '6.1.0-9' },
      start: { monotonicNs: '1000000000' },
    });
  });

  test('of a file that was cut off is refused', async () => {
    await expect(redacted(fixture('go1.27-cut-off'))).rejects.toThrow(/cut off/);
  });
});

describe('the search for survivors', () => {
  test('finds one in every hiding place of a file', async () => {
    const word = 'zqpayroll';
    const before = await traceWith({
      hostname: word,
      folder: '/x',
      argument: 'zqaaaa',
      note: 'zqbbbb',
      attachment: 'zqcccc',
      names: [],
    });
    const clean = unpack(await redacted(before));
    const add = (name: string, bytes: Uint8Array) => pack([...clean, { name, bytes }]);
    const hiding = {
      entryName: add(`attachments/${word}`, Buffer.from('')),
      attachment: add('attachments/a', Buffer.from(`..${word}..`)),
      unknownEntry: add('later.bin', Buffer.from(word)),
      trailer: Buffer.concat([pack(clean).subarray(0, -2), Buffer.from([word.length, 0]), Buffer.from(word)]),
    };
    for (const [place, bytes] of Object.entries(hiding)) {
      expect(new Set((await survivorsOf(before, bytes)).map(({ text }) => text)), place).toEqual(new Set([word]));
    }
    expect((await survivorsOf(before, before)).map(({ where }) => where)).toContain('gotape.pb');
  });

  test('does not take what was kept for one', async () => {
    const of = {
      hostname: 'zqhost',
      folder: '/zqfolder',
      argument: 'zqargument',
      note: 'zqnote',
      attachment: 'zqattachment',
      names: [{ path: ['zqpath'], type: 'Zqtype', method: 'zqmethod', argument: 'Zqtypearg' }],
    };
    const before = await traceWith(of);
    const keep = ['example.com/*', 'main'];
    const after = await redacted(before, { keep });
    expect((await readTrace(after)).goroutines[0]!.startFunction).toBe('example.com/zqpath.(*Zqtype).zqmethod.func1');
    expect(await survivorsOf(before, after, keep)).toEqual([]);
    expect((await survivorsOf(before, after)).length).toBeGreaterThan(0);
  });
});
