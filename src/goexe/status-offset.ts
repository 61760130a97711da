/**
 * Offset of `g.atomicstatus` as the machine code of `runtime.casgstatus` uses it: the truth when nothing else is known,
 * and a check on everything that is. Right in all of some thirty executables of Go 1.19 … 1.27.
 */
import type { GoArch } from './go-executable.js';

/** `code` is all of casgstatus; undefined when it has no such instruction. */
export function statusOffsetInCode(code: DataView, arch: GoArch): number | undefined {
  return arch === 'amd64' ? onX86(code) : onArm64(code);
}

/** The first `lock cmpxchg %reg,disp32(%base)`: f0, REX if any, 0f b1, ModRM with mod 2, SIB if any, disp32. */
function onX86(code: DataView): number | undefined {
  for (let at = 0; at + 10 < code.byteLength; at++) {
    if (code.getUint8(at) !== 0xf0) continue;
    let next = at + 1;
    if ((code.getUint8(next) & 0xf0) === 0x40) next++;
    if (code.getUint16(next) !== 0x0fb1) continue;
    const modRm = code.getUint8(next + 2);
    if (modRm >> 6 !== 2) continue;
    const displacementAt = next + 3 + ((modRm & 7) === 4 ? 1 : 0);
    return displacementAt + 4 <= code.byteLength ? code.getInt32(displacementAt, true) : undefined;
  }
  return undefined;
}

/** `CASAL Ws, Wt, [Xn]` and the loop without LSE, `LDAXR Wt, [Xn]`. Xn was set by `ADD Xn, Xg, #offset`. */
function onArm64(code: DataView): number | undefined {
  for (let at = 0; at + 4 <= code.byteLength; at += 4) {
    const word = code.getUint32(at, true);
    const swaps = (word & 0xffe0fc00) >>> 0 === 0x88e0fc00 || (word & 0xfffffc00) >>> 0 === 0x885ffc00;
    if (swaps) return addedTo((word >>> 5) & 31, code, at);
  }
  return undefined;
}

function addedTo(register: number, code: DataView, before: number): number | undefined {
  for (let at = before - 4; at >= 0; at -= 4) {
    const word = code.getUint32(at, true);
    const addsImmediate = (word & 0xffc00000) >>> 0 === 0x91000000;
    if (addsImmediate && (word & 31) === register) return (word >>> 10) & 0xfff;
  }
  return undefined;
}
