/** Prologues as Go's compiler emits them, and the instruction that is chosen in each. */
import { expect, test } from 'vitest';
import { chooseProbeInstruction } from '../../src/goexe/probe-instruction.js';

function choose(hex: string) {
  const bytes = Buffer.from(hex.replaceAll(/\s+/g, ''), 'hex');
  return chooseProbeInstruction(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 'amd64');
}

test('a push at the entry is taken', () => {
  expect(choose('55 4889e5 4883ec38')).toEqual({
    offset: 0,
    text: 'push %rbp',
    emulated: true,
    returnAddressAt: 0,
    framePointer: 'caller',
  });
});

test('casgstatus of Go 1.20: the nop behind the stores, with its own frame set up', () => {
  const code = '4883ec40 48896c2438 488d6c2438 4889442448 894c2454 895c2450 0fbae30c 90 720a 0fbae10c';
  expect(choose(code)).toEqual({
    offset: 0x1f,
    text: 'nop',
    emulated: true,
    returnAddressAt: 0x40,
    framePointer: 'own',
  });
});

test('the jump of a stack check is passed over, as it runs again when the stack has grown', () => {
  expect(choose('493b6610 764e 55 4889e5')).toMatchObject({ offset: 6, text: 'push %rbp', returnAddressAt: 0 });
  expect(choose('493b6610 0f8681030000 55 4889e5')).toMatchObject({ offset: 10, text: 'push %rbp' });
  expect(choose('4c8d6424f8 4d3b6610 0f8640050000 55 4889e5 4883c480')).toMatchObject({
    offset: 15,
    text: 'push %rbp',
  });
});

test('casGFromPreempted of Go 1.19: the jump of its first comparison', () => {
  expect(choose('493b6610 764d 4883ec18 48896c2410 488d6c2410 83fb09 7528 83f904')).toEqual({
    offset: 23,
    text: 'jne +0x28',
    emulated: true,
    returnAddressAt: 0x18,
    framePointer: 'own',
  });
});

test('an instruction that may change an argument ends the walk', () => {
  // mov %rbx,%rax before the push: the goroutine would no longer be in AX.
  expect(choose('4889d8 55')).toMatchObject({ offset: 0, emulated: false, text: 'bytes 4889d855' });
  // lea 1(%rbx),%ecx writes CX; lea …,%edx is fine.
  expect(choose('8d8b01000000 55')).toMatchObject({ offset: 0, emulated: false });
  expect(choose('8d9301000000 55')).toMatchObject({ offset: 6, emulated: true });
});

test('without an emulated instruction, the one behind the stack check is single-stepped', () => {
  expect(choose('493b6610 764e 4883ec18 e800000000')).toMatchObject({
    offset: 6,
    text: 'sub $0x18,%rsp',
    emulated: false,
  });
});

test('code that is cut off or unknown gives its entry', () => {
  expect(choose('')).toMatchObject({ offset: 0, emulated: false });
  expect(choose('48 83')).toMatchObject({ offset: 0, emulated: false });
  expect(choose('493b66')).toMatchObject({ offset: 0, emulated: false });
});
