/** What {@link printable} takes out. JSON escapes the first 32 by itself. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const UNPRINTABLE_IN_JSON = /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** JSON that a terminal may show: the same value, with what {@link printable} takes out as `\uXXXX`. */
export function printableJson(value: unknown, indent?: number): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value, undefined, indent).replace(UNPRINTABLE_IN_JSON, escaped);
}

/** Text from a trace or an executable is not trusted: no control character of it reaches a terminal. */
export function printable(text: string): string {
  // C0, DEL, C1, and the bidirectional overrides that can reorder what a reader sees.
  return text.replace(UNPRINTABLE, '\ufffd');
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** What is no UTF-8 becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

/** `1536` → `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** Nanoseconds for people: three significant digits and a unit (`1.23 ms`). */
export function formatNs(ns: number): string {
  const steps: readonly (readonly [number, string])[] = [
    [1e9, 's'],
    [1e6, 'ms'],
    [1e3, 'µs'],
  ];
  for (const [size, unit] of steps) {
    if (Math.abs(ns) >= size) return `${threeDigits(ns / size)} ${unit}`;
  }
  return `${Math.round(ns)} ns`;
}

/** `1234567` → `1,234,567`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

function threeDigits(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1000) return formatCount(value);
  return value.toFixed(magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2);
}
