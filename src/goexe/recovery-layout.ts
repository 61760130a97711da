/**
 * Where `runtime.recovery`, which ends a recovered panic, finds the stack pointer to go on with. Source: `recovery` of
 * `runtime/panic.go`, `type g` and `type _panic` of `runtime/runtime2.go` in Go 1.19 … 1.27 (the same on amd64 and arm64).
 */
import type { GoVersion } from './go-executable.js';

export interface RecoveryLayout {
  /** Offset in g, or in what the word at `holderAt` of g points to. */
  readonly stackPointerAt: number;
  /** Offset of `g._panic`; 0: the stack pointer is in g itself (`g.sigcode0`). */
  readonly holderAt: number;
}

const PANIC_IN_G = 32;

/** Undefined for a release that is not known. */
export function recoveryLayout({ minor }: GoVersion): RecoveryLayout | undefined {
  switch (minor) {
    case 19:
    case 20:
      return { stackPointerAt: 272, holderAt: 0 };
    case 21:
      return { stackPointerAt: 248, holderAt: 0 };
    case 22:
    case 23:
    case 24:
    case 25:
    case 27:
      return { stackPointerAt: 48, holderAt: PANIC_IN_G };
    case 26:
      return { stackPointerAt: 40, holderAt: PANIC_IN_G };
    default:
      return undefined;
  }
}
