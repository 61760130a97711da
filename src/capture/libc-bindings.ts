/** Signatures of libc that gotape calls. No logic here. */
import koffi from 'koffi';
import type { NativePointer } from './libbpf-bindings.js';

const lib = koffi.load('libc.so.6');

export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const MAP_SHARED = 1;
export const SC_PAGESIZE = 30;
export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;
export const CLOCK_BOOTTIME = 7;

export const mmap: (
  address: null,
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
) => NativePointer = lib.func('void *mmap(void *addr, size_t length, int prot, int flags, int fd, long offset)');
export const munmap: (address: NativePointer, length: number) => number = lib.func(
  'int munmap(void *addr, size_t length)',
);
export const sysconf: (name: number) => number = lib.func('long sysconf(int name)');
/** `timespec` receives seconds and nanoseconds. */
export const clockGettime: (clock: number, timespec: BigInt64Array) => number = lib.func(
  'int clock_gettime(int clock, _Out_ int64_t *timespec)',
);
/** Formats a C format and its va_list: a pointer on x86-64 and, being larger than 16 bytes, on arm64 as well. */
export const vsnprintf: (buffer: Uint8Array, size: number, format: string, args: NativePointer) => number = lib.func(
  'int vsnprintf(_Out_ uint8_t *buffer, size_t size, const char *format, void *args)',
);
export const strerror: (errno: number) => string = lib.func('const char *strerror(int errnum)');

/** The bytes at `address`, not copied. */
export function viewMemory(address: NativePointer, length: number): ArrayBuffer {
  return koffi.view(address, length);
}

export function addressOf(pointer: NativePointer): bigint {
  return pointer === null ? 0n : koffi.address(pointer);
}
