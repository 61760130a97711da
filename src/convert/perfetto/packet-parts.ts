/** What every packet has. */
import { printable } from '../../base/text.js';
import { Tag } from './fields.js';
import type { ProtoBytes } from './proto-bytes.js';

const SEQUENCE = 1;
/** A stack of a hundred frames fits; nothing repeats such a text, because it is interned. */
const TEXT_LIMIT = 20_000;

/** Begins a packet that holds texts of so many bytes. Close what it returns. */
export function openPacket(out: ProtoBytes, textBytes: number): number {
  out.reserve(textBytes);
  out.byte(Tag.Trace.packet);
  return out.open();
}

export function writeSequence(out: ProtoBytes): void {
  out.byte(Tag.TracePacket.trusted_packet_sequence_id);
  out.byte(SEQUENCE);
}

/** Text from a trace as the UI may show it: control characters but for line feeds are taken out, long text is cut. */
export function shown(text: string): string {
  const cut = text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}…` : text;
  return cut.includes('\n') ? cut.split('\n').map(printable).join('\n') : printable(cut);
}
