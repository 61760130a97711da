import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  CONTROL,
  COUNTERS,
  COUNTERS_BYTES,
  EVENT,
  EVENT_BYTES,
  LABELS,
  LAYOUT_FIELDS,
  STACK,
} from '../../src/capture/bpf-layout.js';
import { readBtfStructs } from '../support/btf.js';

const objectOf = (arch: string) => fileURLToPath(new URL(`../../dist/bpf/gotape-${arch}.bpf.o`, import.meta.url));

describe.each(['x64', 'arm64'])('the compiled BPF object for %s', (arch) => {
  const structs = readBtfStructs(objectOf(arch));

  test('lays an event out as the decoder reads it', () => {
    expect(structs.get('gotape_event')).toEqual({ bytes: EVENT_BYTES, members: EVENT });
  });

  test('keeps an event within 64 bytes', () => {
    expect(EVENT_BYTES).toBeLessThanOrEqual(64);
  });

  test('lays stacks and labels out as the recorder reads them', () => {
    expect(structs.get('gotape_stack')?.members).toEqual(STACK);
    expect(structs.get('gotape_labels')?.members).toEqual(LABELS);
  });

  test('lays the counters out as the recorder reads them', () => {
    expect(structs.get('gotape_counters')).toEqual({ bytes: COUNTERS_BYTES, members: COUNTERS });
  });

  test('lays the switch and the drain epoch out as the recorder writes them', () => {
    expect(structs.get('gotape_control')?.members).toEqual(CONTROL);
  });

  test('takes the constants in the order in which the recorder sets them', () => {
    const expected = Object.fromEntries(LAYOUT_FIELDS.map((field, i) => [field, 4 * i]));
    expect(structs.get('gotape_layout')).toEqual({ bytes: 4 * LAYOUT_FIELDS.length, members: expected });
  });
});

/** Offsets from the context pointer that a program loads 64-bit registers from. */
function contextLoads(arch: string, program: string): Set<number> {
  const listing = execFileSync('llvm-objdump', ['-d', '--no-show-raw-insn', objectOf(arch)], { encoding: 'utf8' })
    .split(/^\w+ <(?!LBB)/m)
    .find((part) => part.startsWith(`${program}>`)) as string;
  // The context arrives in r1; the compiler keeps it in one callee-saved register, or puts that aside and gets it back.
  const kept = [...listing.matchAll(/(r[6-9]) = r1\b/g)].map((match) => match[1]!);
  const aside = [...listing.matchAll(/\*\(u64 \*\)(\(r10 - \d+\)) = (r\d)\b/g)].filter((match) =>
    kept.includes(match[2]!),
  );
  const slots = new Set(aside.map((match) => match[1]!));
  const gotBack = [...listing.matchAll(/(r\d) = \*\(u64 \*\)(\(r10 - \d+\))/g)].filter((match) => slots.has(match[2]!));
  const saved = new Set(['r1', ...kept, ...gotBack.map((match) => match[1]!)]);
  const loads = [...listing.matchAll(/r\d = \*\(u(?:32|64) \*\)\((r\d) \+ (\d+)\)/g)];
  return new Set(loads.filter((load) => saved.has(load[1]!)).map((load) => Number(load[2])));
}

describe('the registers that the programs read', () => {
  test('are AX, BX, CX and R14 of pt_regs on x86-64', () => {
    const loads = contextLoads('x64', 'casgstatus');
    expect([...loads]).toEqual(expect.arrayContaining([8, 80, 40, 88]));
  });

  test('are R0, R1, R2 and R28 of user_pt_regs on arm64', () => {
    const loads = contextLoads('arm64', 'casgstatus');
    expect([...loads]).toEqual(expect.arrayContaining([0, 8, 16, 28 * 8]));
  });

  test('are the frame pointer too: RBP, and R29 on arm64', () => {
    expect([...contextLoads('x64', 'casgstatus')]).toContain(32);
    expect([...contextLoads('arm64', 'casgstatus')]).toContain(29 * 8);
  });

  test('are only the g register for the functions that change the current goroutine', () => {
    expect([...contextLoads('x64', 'exit_syscall')]).toEqual(expect.arrayContaining([8]));
    expect([...contextLoads('arm64', 'exit_syscall')]).toEqual(expect.arrayContaining([28 * 8]));
  });
});

/** Deepest byte below the frame pointer that each function of the object touches. */
function stackDepths(arch: string): Map<string, number> {
  const listing = execFileSync('llvm-objdump', ['-d', '--no-show-raw-insn', objectOf(arch)], { encoding: 'utf8' });
  const functions = listing.split(/^\w+ <(?!LBB)/m).slice(1);
  return new Map(
    functions.map((text) => {
      const offsets = [...text.matchAll(/\(r10 [+-] -?(0x[0-9a-f]+|\d+)\)|r\d \+= -(\d+)/g)];
      return [text.slice(0, text.indexOf('>')), Math.max(0, ...offsets.map((match) => Number(match[1] ?? match[2])))];
    }),
  );
}

describe.each(['x64', 'arm64'])('the stack of the programs for %s', (arch) => {
  const depths = stackDepths(arch);
  const frame = (name: string) => Math.ceil(Math.max(1, depths.get(name) ?? Number.NaN) / 32) * 32;

  test.each([
    'casgstatus',
    'enter_syscall',
    'coroswitch',
    'set_labels',
  ])('%s and what it calls fit into the 512 bytes that Linux before 6.13 gives them together', (program) => {
    const called = Math.max(frame('record_stack'), frame('record_labels') + frame('append_label'));
    expect(frame(program)).toBeGreaterThan(0);
    expect(frame(program) + called).toBeLessThanOrEqual(512);
  });
});
