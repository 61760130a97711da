/** What a later version may add, a reader of version 1 skips; what it may not, a reader refuses with a sentence. */
import { expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.js';
import { dictionaryColumn, int64Column, uint16Column, uint32Column } from '../../src/trace/arrow-columns.js';
import { encodeTable } from '../../src/trace/arrow-file.js';
import { decodeHeader, encodeHeader } from '../../src/trace/trace-header.js';
import { changeEntry, pack, readTrace, START_NS, smallTrace, testFacts, unpack } from './memory-file.js';

const TRANSITIONS = 'transitions/000000.arrow';
const words = (...values: number[]) => Uint32Array.from(values);
const codes = (...values: number[]) => Uint8Array.from(values);

/** Columns of two rows, as version 1 demands them. */
function columns() {
  return [
    uint32Column('dt', words(0, 5)),
    int64Column('goid', [1, 2]),
    uint32Column('tid', words(3, 4)),
    uint16Column('cpu', Uint16Array.of(0, 1)),
    uint16Column('p', Uint16Array.of(0, 0xffff)),
    dictionaryColumn('from', codes(0, 1), ['runnable', 'running']),
    dictionaryColumn('to', codes(0, 1), ['running', 'waiting']),
    dictionaryColumn('reason', codes(0, 1), ['', 'select']),
    int64Column('waker', [0, 0]),
    dictionaryColumn('wake_source', codes(0, 0), ['none']),
  ];
}

function table(list = columns(), rows = 2, base = String(START_NS)): Uint8Array {
  return encodeTable(list, rows, new Map([['base_ns', base]]), 1);
}

const replace = async (bytes: Uint8Array) => readTrace(changeEntry(await smallTrace(), TRANSITIONS, () => bytes));

test('entries and tables of a later version are skipped', async () => {
  const later = [
    { name: 'heaps/000000.arrow', bytes: Buffer.from('not even Arrow') },
    { name: 'attachments/../../etc/passwd', bytes: Buffer.from('x') },
    { name: 'transitions/1.arrow', bytes: Buffer.from('x') },
    { name: '__proto__', bytes: Buffer.from('x') },
    { name: '\u001b[2Jevil', bytes: Buffer.from('x') },
  ];
  const [header, ...rest] = unpack(await smallTrace());
  const read = await readTrace(pack([header!, ...later, ...rest]));
  expect(read.rows).toHaveLength(6);
  expect(read.damage).toEqual([]);
});

test('columns of a later version are skipped', async () => {
  const read = await replace(table([uint32Column('new_one', words(7, 8)), ...columns()]));
  expect(read.damage).toEqual([]);
  expect(read.rows.slice(0, 2)).toMatchObject([
    { timeNs: 0, goid: 1, to: 2, reason: '' },
    { timeNs: 5, goid: 2, to: 4, reason: 'select' },
  ]);
});

test('codes may be of 8, 16 or 32 bits, and columns stand in any order', async () => {
  const wide = columns()
    .toReversed()
    .filter(({ name }) => name !== 'from' && name !== 'to');
  wide.push(dictionaryColumn('from', Uint16Array.of(0, 1), ['runnable', 'running']));
  wide.push(dictionaryColumn('to', words(0, 1), ['running', 'waiting']));
  const read = await replace(table(wide));
  expect(read.rows.slice(0, 2)).toMatchObject([{ from: 1 }, { from: 2 }]);
});

test('the columns p, pid and stack may be missing', async () => {
  const read = await replace(table(columns().filter(({ name }) => name !== 'p')));
  expect(read.damage).toEqual([]);
  expect(read.rows[0]).toMatchObject({ p: 0xffff, pid: 1, stack: 0 });
});

test('a wake source of a later version is none', async () => {
  const list = columns().filter(({ name }) => name !== 'wake_source');
  const read = await replace(table([...list, dictionaryColumn('wake_source', codes(0, 0), ['cosmic ray'])]));
  expect(read.rows[0]?.wakeSource).toBe(0);
});

test('fields of a later version in the header are skipped', async () => {
  const unknownField = Uint8Array.of(0xfa, 0x3f, 2, 65, 66); // field 1023, two bytes
  const bytes = Buffer.concat([encodeHeader(testFacts()), unknownField]);
  expect(decodeHeader(bytes)).toEqual(testFacts());
});

test('a newer major version is refused with a sentence', async () => {
  const newer = encodeHeader(testFacts({ formatVersion: 2, producer: 'gotape 7' }));
  const reading = readTrace(changeEntry(await smallTrace(), 'gotape.pb', () => newer));
  await expect(reading).rejects.toThrow(/format version 2, written by gotape 7; .* install a newer one/);
  await expect(reading).rejects.toBeInstanceOf(UserError);
});

test.each([
  ['a column is missing', () => table(columns().slice(1)), 'has no column dt'],
  ['a column has another type', () => table([int64Column('dt', [0, 1]), ...columns().slice(1)]), 'column dt is Int64'],
  ['the column of ids is narrow', () => table([...columns(), uint32Column('goid', words(1, 2))]), 'column goid'],
  [
    'a code is out of range',
    () => table([...columns().filter(({ name }) => name !== 'to'), dictionaryColumn('to', codes(0, 9), ['running'])]),
    'code 9, the dictionary has 1 names',
  ],
  [
    'a state has a name that is none',
    () =>
      table([
        ...columns().filter(({ name }) => name !== 'to'),
        dictionaryColumn('to', codes(0, 0), ['flying\u001b[31m']),
      ]),
    'unknown goroutine state',
  ],
  ['the base is missing', () => encodeTable(columns(), 2, new Map(), 1), 'base_ns is ""'],
  ['the base is no number', () => table(columns(), 2, '12x'), 'base_ns is "12x"'],
  ['the base lies before the trace', () => table(columns(), 2, '5'), 'begins -'],
  ['it is no Arrow', () => Buffer.from('PAR1 whatever it is'), 'not a readable Arrow table'],
  ['it is empty', () => Buffer.alloc(0), 'not a readable Arrow table'],
])('a segment is left out and said when %s', async (_what, make, sentence) => {
  const read = await replace(make());
  expect(read.damage).toEqual([expect.stringContaining(sentence)]);
  expect(read.damage[0]).toMatch(/^segment 0 is left out: /);
  expect(read.damage[0]).not.toMatch(/[\u0000-\u001f]/);
  expect(read.rows).toHaveLength(4);
  expect(read.gaps[0]).toEqual({ fromNs: 0, toNs: 200, lost: 2, why: 'damaged file' });
});
