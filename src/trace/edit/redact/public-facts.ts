/** The part of a fact that tells nothing about whose machine it was. */

/** `6.1.0-18-acme-amd64` → `6.1.0-18`. */
export function publicKernel(release: string): string {
  return /^\d+(\.\d+)*(-\d+)?/.exec(release)?.[0] ?? '';
}

/** `go1.26.8-acme X:nocoverageredesign` → `go1.26.8`; of a development version its base. */
export function publicGoVersion(version: string): string {
  return /^(devel )?go\d+(\.\d+)*((rc|beta)\d+)?/.exec(version)?.[0] ?? '';
}

export function publicArch(arch: string): string {
  return /^(amd64|arm64|x86_64|aarch64|x64)$/.test(arch) ? arch : '';
}

export function publicProducer(producer: string): string {
  return /^gotape \d+\.\d+\.\d+/.exec(producer)?.[0] ?? '';
}

/** Texts of `runtime.waitReasonStrings` look so. What does not was put there by somebody else. */
export function isPlainReason(reason: string): boolean {
  return /^[A-Za-z0-9 .()>→-]{0,48}$/.test(reason);
}
