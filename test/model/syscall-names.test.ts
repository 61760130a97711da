import { describe, expect, test } from 'vitest';
import { syscallName } from '../../src/model/syscall-names.js';

describe('the name of a system call', () => {
  test.each([
    ['amd64', 0, 'read'],
    ['amd64', 202, 'futex'],
    ['amd64', 281, 'epoll_pwait'],
    ['amd64', 435, 'clone3'],
    ['arm64', 63, 'read'],
    ['arm64', 98, 'futex'],
    ['arm64', 22, 'epoll_pwait'],
    ['arm64', 435, 'clone3'],
  ])('on %s of %i is %s', (arch, number, name) => expect(syscallName(arch, number)).toBe(name));

  test('is its number where there is none: between the tables, behind them, on another architecture', () => {
    expect(syscallName('amd64', 400)).toBe('syscall 400');
    expect(syscallName('arm64', 244)).toBe('syscall 244');
    expect(syscallName('amd64', 9999)).toBe('syscall 9999');
    expect(syscallName('riscv64', 0)).toBe('syscall 0');
  });
});
