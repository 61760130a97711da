import { UserError } from '../base/errors.js';
import { lastErrno } from './libbpf-bindings.js';
import * as libc from './libc-bindings.js';

export const pageBytes = libc.sysconf(libc.SC_PAGESIZE);

/** Memory shared with the kernel; unmapped when disposed. Its views must not be touched after that. */
export interface MappedMemory extends Disposable {
  readonly buffer: ArrayBuffer;
}

/**
 * Maps `length` bytes of a BPF map.
 * @throws UserError with the reason of the kernel.
 */
export function mapMemory(
  what: string,
  fd: number,
  offset: number,
  length: number,
  access: 'read' | 'write',
): MappedMemory {
  const protection = access === 'write' ? libc.PROT_READ | libc.PROT_WRITE : libc.PROT_READ;
  const address = libc.mmap(null, length, protection, libc.MAP_SHARED, fd, offset);
  if (libc.addressOf(address) === 0xffff_ffff_ffff_ffffn || address === null) {
    throw new UserError(`mapping ${length} bytes of the ${what}: ${libc.strerror(lastErrno())}`);
  }
  return {
    buffer: libc.viewMemory(address, length),
    [Symbol.dispose]: () => void libc.munmap(address, length),
  };
}
