/** What is not a Go executable of a supported kind is refused with one sentence that says what was found. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../src/base/byte-source.js';
import { UserError } from '../../src/base/errors.js';
import { inspectGoExecutable } from '../../src/goexe/inspect-go-executable.js';
import { buildGo } from '../support/go-build.js';

function refusal(bytes: Uint8Array, name = 'input'): string {
  try {
    inspectGoExecutable(bytesSource(bytes), name);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return error instanceof Error ? error.message : '';
  }
  return 'accepted';
}

const goBytes = () => Buffer.from(readFileSync(buildGo('known/main.go', { toolchain: '1.26.8', stripped: true })));

/** The executable with bytes written into it. */
function patched(offset: number, ...bytes: readonly number[]): Buffer {
  const copy = goBytes();
  copy.set(bytes, offset);
  return copy;
}

describe('a refusal', () => {
  test('of a script quotes how the file starts', () => {
    expect(refusal(Buffer.from('#!/bin/sh\n'), 'notes.txt')).toBe(
      'not an ELF file: notes.txt starts with "#!/b" (gotape reads Linux executables)',
    );
  });

  test('of a binary file does not let its control characters through', () => {
    expect(refusal(Buffer.from('\x1b[2J'))).toBe(
      'not an ELF file: input starts with "\ufffd[2J" (gotape reads Linux executables)',
    );
  });

  test('of an empty file says so', () => {
    expect(refusal(Buffer.alloc(0))).toBe('not an ELF file: input is empty');
  });

  test('of a C program says what it lacks', () => {
    expect(refusal(readFileSync('/bin/ls'), '/bin/ls')).toBe(
      'not a Go program: /bin/ls has no .gopclntab and no Go build info (gotape records Go 1.19 and later)',
    );
  });

  test('of another architecture names it', () => {
    expect(refusal(patched(18, 243))).toBe('wrong architecture: input is for RISC-V (gotape supports amd64 and arm64)');
  });

  test('of a 32-bit, a big-endian and an object file names the kind', () => {
    expect(refusal(patched(4, 1))).toBe('32-bit executable: input (gotape supports amd64 and arm64)');
    expect(refusal(patched(5, 2))).toBe('big-endian executable: input (gotape supports amd64 and arm64)');
    expect(refusal(patched(16, 1))).toBe('not an executable: input is an object file');
    expect(refusal(patched(16, 4))).toBe('not an executable: input is a core dump');
  });

  test('of an older Go names the version and the oldest that is supported', () => {
    const bytes = Buffer.from(readFileSync(buildGo('known/main.go', { toolchain: '1.19.13', stripped: true })));
    bytes.write('go1.18.13', bytes.indexOf(Buffer.from('\xff Go buildinf:', 'latin1')) + 33, 'latin1');
    expect(refusal(bytes)).toMatch(/^input was built with go1\.18\.1/);
    expect(refusal(bytes)).toContain('(gotape records Go 1.19 and later)');
  });

  test('of a runtime whose code contradicts the version table names both offsets', () => {
    const bytes = goBytes();
    const swap = bytes.indexOf(Buffer.of(0xf0, 0x0f, 0xb1), probeOffset(bytes));
    bytes.writeInt32LE(1000, swap + 4);
    expect(refusal(bytes)).toBe(
      'runtime layout of input: g.atomicstatus is at 144 by table go1.26, but runtime.casgstatus uses 1000 (go1.26.8: a pre-release or modified Go runtime?)',
    );
  });

  test('of a Go program without casgstatus names the symbol', () => {
    const bytes = goBytes();
    bytes.write('runtime.cXsgstatus', bytes.indexOf('\0runtime.casgstatus\0') + 1, 'latin1');
    expect(refusal(bytes)).toBe(
      "symbol runtime.casgstatus: not in .gopclntab of input (renamed by an obfuscator, or not built by Go's own compiler?)",
    );
  });

  test('of a file that was cut off says where it ends', () => {
    expect(refusal(goBytes().subarray(0, 40))).toBe('cut off: input has 40 bytes, less than an ELF header');
    expect(refusal(goBytes().subarray(0, 100))).toMatch(/^cannot read input: it points to byte \d+ .* has only 100 /);
  });
});

function probeOffset(bytes: Buffer): number {
  const probe = inspectGoExecutable(bytesSource(bytes), 'input').probes[0];
  return probe?.present ? probe.fileOffset : 0;
}
