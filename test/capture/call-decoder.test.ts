import { describe, expect, test } from 'vitest';
import { CallDecoder } from '../../src/capture/calls/call-decoder.js';
import {
  CALL,
  CALL_BYTES,
  CALL_STRING_BYTES,
  CallKind,
  callEntryBytes,
  callStringsBytes,
  readableAt,
  textAt,
} from '../../src/capture/calls/call-layout.js';
import { CallStacks } from '../../src/capture/calls/call-stacks.js';
import type { ArgumentValue, FunctionParameter } from '../../src/goexe/function-parameters.js';
import { RawRing } from '../support/raw-ring.js';

const REGISTERS = 9;
const START_NS = 0x1_ffff_fff0n;

interface Entry {
  readonly timeNs?: number;
  readonly registers?: readonly bigint[];
  readonly strings?: readonly (string | undefined)[];
}

function record(kind: number, { timeNs = 0, registers = [], strings }: Entry): Uint8Array {
  const isEntry = kind === CallKind.entry;
  const bytes = strings ? callStringsBytes(REGISTERS) : isEntry ? callEntryBytes(REGISTERS) : CALL_BYTES;
  const view = new DataView(new ArrayBuffer(bytes));
  view.setBigUint64(CALL.time_ns, START_NS + BigInt(timeNs), true);
  view.setBigUint64(CALL.g, 0xc000_0001_c0n, true);
  view.setBigUint64(CALL.goid, 5n, true);
  view.setUint32(CALL.tid, 71, true);
  view.setUint32(CALL.tgid, 70, true);
  view.setUint32(CALL.depth, 512, true);
  view.setUint8(CALL.kind, strings ? CallKind.entryStrings : kind);
  if (isEntry) for (const [i, value] of registers.entries()) view.setBigUint64(CALL_BYTES + 8 * i, value, true);
  for (const [i, text] of (strings ?? []).entries()) {
    if (text === undefined) continue;
    view.setUint32(readableAt(REGISTERS), view.getUint32(readableAt(REGISTERS), true) | (1 << i), true);
    const encoded = new TextEncoder().encode(text).subarray(0, CALL_STRING_BYTES);
    new Uint8Array(view.buffer).set(encoded, textAt(REGISTERS) + i * CALL_STRING_BYTES);
  }
  return new Uint8Array(view.buffer);
}

/** The arguments of one call as text. */
function decode(parameters: readonly FunctionParameter[], entry: Entry): string {
  const ring = new RawRing();
  const stacks = new CallStacks();
  const functions = [{ name: 'main.f', parameters }];
  const decoder = new CallDecoder(ring, stacks, { startNs: START_NS, functions, registers: REGISTERS });
  ring.push(record(CallKind.entry, entry));
  ring.push(record(CallKind.return, { timeNs: 20 }));
  decoder.drain();
  const [call] = stacks.take(Number.POSITIVE_INFINITY);
  return call!.arguments;
}

const one = (value: ArgumentValue): FunctionParameter[] => [{ name: 'x', type: '', value }];
const unsigned = (value: bigint) => BigInt.asUintN(64, value);

describe('a call', () => {
  test('has its times since the start of the trace, its goroutine and its thread', () => {
    const ring = new RawRing();
    const stacks = new CallStacks();
    const functions = [{ name: 'main.f', parameters: [] }];
    const decoder = new CallDecoder(ring, stacks, { startNs: START_NS, functions, registers: REGISTERS });
    ring.push(record(CallKind.entry, { timeNs: 10 }));
    ring.push(record(CallKind.return, { timeNs: 42 }));
    decoder.drain();
    expect(stacks.take(100)).toEqual([
      {
        pid: 70,
        tid: 71,
        goid: 5,
        function: 'main.f',
        startNs: 10,
        endNs: 42,
        depth: 0,
        outcome: 'returned',
        arguments: '',
      },
    ]);
  });
});

describe('an argument', () => {
  test.each<[string, ArgumentValue, bigint, string]>([
    ['a negative int', { kind: 'integer', bytes: 8, signed: true, at: 0 }, unsigned(-5n), '-5'],
    ['the largest uint', { kind: 'integer', bytes: 8, signed: false, at: 0 }, unsigned(-1n), '18446744073709551615'],
    ['an int beyond 2^53', { kind: 'integer', bytes: 8, signed: true, at: 0 }, 2n ** 62n, '4611686018427387904'],
    ['an int8 below garbage', { kind: 'integer', bytes: 1, signed: true, at: 0 }, 0xdead_beef_ffn, '-1'],
    ['a uint16 below garbage', { kind: 'integer', bytes: 2, signed: false, at: 0 }, 0xdead_ffffn, '65535'],
    ['an int32', { kind: 'integer', bytes: 4, signed: true, at: 0 }, 0xffff_ffffn, '-1'],
    ['a bool below garbage', { kind: 'bool', at: 0 }, 0xff00n, 'false'],
    ['true', { kind: 'bool', at: 0 }, 0xff01n, 'true'],
    ['a nil pointer', { kind: 'pointer', at: 0 }, 0n, 'nil'],
    ['a pointer', { kind: 'pointer', at: 0 }, 0xc000_1234_50n, '0xc000123450'],
    ['a nil error', { kind: 'interface', at: 0 }, 0n, 'nil'],
    ['an error', { kind: 'interface', at: 0 }, 1n << 40n, 'non-nil'],
    ['a nil slice', { kind: 'slice', at: 0, length: 1 }, 0n, 'nil'],
    ['what is in a floating point register', { kind: 'other', at: 'float register' }, 0n, '?'],
    ['what is on the stack', { kind: 'integer', bytes: 8, signed: true, at: 'stack' }, 0n, '?'],
    ['what is nowhere', { kind: 'string', at: 'nowhere', length: 'nowhere' }, 0n, '?'],
  ])('that is %s', (_, value, register, text) => {
    expect(decode(one(value), { registers: [register] })).toBe(`x=${text}`);
  });

  test('that is a slice shows its length', () => {
    expect(decode(one({ kind: 'slice', at: 3, length: 4 }), { registers: [0n, 0n, 0n, 1n, 33n] })).toBe('x=[33]');
  });

  test('that is a struct shows its fields, in registers or not', () => {
    const fields = [
      { name: 'a', value: { kind: 'integer', bytes: 8, signed: true, at: 1 } },
      { name: 'b', value: { kind: 'other', at: 'stack' } },
    ] as const;
    expect(decode(one({ kind: 'struct', fields }), { registers: [0n, 9n] })).toBe('x={a=9 b=?}');
  });
});

describe('a string', () => {
  const value: ArgumentValue = { kind: 'string', at: 0, length: 1 };

  test.each([
    ['quoted', 'a "b"\n', '"a \\"b\\"\\n"'],
    ['empty', '', '""'],
    ['of 64 bytes whole', 'x'.repeat(64), `"${'x'.repeat(64)}"`],
    ['of 65 bytes cut, with its length', 'x'.repeat(65), `"${'x'.repeat(64)}"…(65 bytes)`],
    ['cut before a character that is cut', `${'x'.repeat(63)}é`, `"${'x'.repeat(63)}"…(65 bytes)`],
  ])('is %s', (_, text, shown) => {
    const bytes = BigInt(new TextEncoder().encode(text).length);
    expect(decode(one(value), { registers: [1n, bytes], strings: [text] })).toBe(`x=${shown}`);
  });

  test('that could not be read, or that is one too many, shows its length', () => {
    expect(decode(one(value), { registers: [1n, 12n], strings: [undefined] })).toBe('x=?(12 bytes)');
  });
});
