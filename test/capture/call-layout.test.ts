import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  CALL,
  CALL_BYTES,
  CALL_LAYOUT_FIELDS,
  CALL_REGISTERS,
  callCookie,
  callEntryBytes,
  callStringsBytes,
  readableAt,
  textAt,
} from '../../src/capture/calls/call-layout.js';
import { readBtfStructs } from '../support/btf.js';

describe.each(['x64', 'arm64'])('the BPF object of calls for %s', (arch) => {
  const structs = readBtfStructs(fileURLToPath(new URL(`../../dist/bpf/calls-${arch}.bpf.o`, import.meta.url)));
  const registers = CALL_REGISTERS[arch]!;

  test('lays a call out as the decoder reads it', () => {
    expect(structs.get('gotape_call')).toEqual({ bytes: CALL_BYTES, members: CALL });
  });

  test('puts registers, then strings behind it', () => {
    expect(structs.get('gotape_call_entry')).toEqual({
      bytes: callEntryBytes(registers),
      members: { call: 0, regs: CALL_BYTES },
    });
    expect(structs.get('gotape_call_strings')).toEqual({
      bytes: callStringsBytes(registers),
      members: {
        entry: 0,
        readable: readableAt(registers),
        reserved: readableAt(registers) + 4,
        text: textAt(registers),
      },
    });
  });

  test('takes the constants in the order in which the recorder sets them', () => {
    const members = Object.fromEntries(CALL_LAYOUT_FIELDS.map((field, i) => [field, 4 * i]));
    expect(structs.get('gotape_call_layout')).toEqual({ bytes: 4 * CALL_LAYOUT_FIELDS.length, members });
  });
});

test('a cookie holds the probe, the distance of SP, and the registers of strings counted from one', () => {
  expect(callCookie(0x1234, 0x78, [])).toBe(0x0078_1234n);
  expect(callCookie(1, 0, [0, 15])).toBe((((16n << 5n) | 1n) << 32n) | 1n);
});
