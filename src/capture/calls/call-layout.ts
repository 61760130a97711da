/** Layouts of bpf/calls.h as byte offsets; test/capture/call-layout.test.ts holds them against the BTF of the compiled object. */

/** Integer registers that carry arguments: AX BX CX DI SI R8 R9 R10 R11, or R0 to R15. */
export const CALL_REGISTERS: Readonly<Record<string, number>> = { x64: 9, arm64: 16 };
export const CALL_STRINGS = 4;
export const CALL_STRING_BYTES = 64;

/** `struct gotape_call`. */
export const CALL = {
  time_ns: 0,
  g: 8,
  goid: 16,
  tid: 24,
  tgid: 28,
  depth: 32,
  probe: 36,
  kind: 40,
  reserved: 41,
} as const;
export const CALL_BYTES = 48;

/** `enum gotape_call_kind`. */
export const CallKind = { entry: 0, entryStrings: 1, return: 2, recovered: 3, goexit: 4 } as const;

/** `struct gotape_call_entry`: the registers follow. */
export const callEntryBytes = (registers: number) => CALL_BYTES + 8 * registers;

/** `struct gotape_call_strings`: which strings were read, then their text. */
export const readableAt = (registers: number) => callEntryBytes(registers);
export const textAt = (registers: number) => callEntryBytes(registers) + 8;
export const callStringsBytes = (registers: number) => textAt(registers) + CALL_STRINGS * CALL_STRING_BYTES;

/** `const volatile struct gotape_call_layout layout`: all of .rodata, 32-bit words in this order. */
export const CALL_LAYOUT_FIELDS = ['g_goid', 'recovered_sp', 'recovered_in', 'tgid'] as const;
export type CallLayout = Record<(typeof CALL_LAYOUT_FIELDS)[number], number>;

const PROBE_BITS = 16n;
const SP_BITS = 16n;
const REGISTER_BITS = 5n;

/** Numbers that fit into a cookie. */
export const MAX_PROBES = 0xffff;

/** See COOKIE_PROBE in calls.bpf.c. `strings`: registers that hold the addresses of strings, {@link CALL_STRINGS} at most. */
export function callCookie(probe: number, stackBytes: number, strings: readonly number[]): bigint {
  const registers = strings.reduce(
    (bits, register, i) => bits | (BigInt(register + 1) << (BigInt(i) * REGISTER_BITS)),
    0n,
  );
  return BigInt(probe) | (BigInt(stackBytes) << PROBE_BITS) | (registers << (PROBE_BITS + SP_BITS));
}
