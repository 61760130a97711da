/** Parts of protobuf messages that several messages share ↔ plain values. */
import Long from 'long';
import type { ClockFact, HostFact } from '../model/trace-facts.js';
import type { gotape } from './gen/trace.js';

export function toLong(value: number): Long {
  return Long.fromNumber(value, true);
}

export function toNumber(value: Long | null | undefined): number {
  return value?.toUnsigned().toNumber() ?? 0;
}

export function encodeClocks(clocks: ClockFact) {
  const long = (ns: string) => Long.fromString(ns, true);
  return {
    monotonicNs: long(clocks.monotonicNs),
    boottimeNs: long(clocks.boottimeNs),
    realtimeNs: long(clocks.realtimeNs),
  };
}

export function decodeClocks(clocks: gotape.IClocks): ClockFact {
  const text = (ns: Long | null | undefined) => ns?.toUnsigned().toString() ?? '0';
  return {
    monotonicNs: text(clocks.monotonicNs),
    boottimeNs: text(clocks.boottimeNs),
    realtimeNs: text(clocks.realtimeNs),
  };
}

export function decodeHost(host: gotape.IHost | null | undefined): HostFact {
  return {
    hostname: host?.hostname ?? '',
    kernel: host?.kernel ?? '',
    arch: host?.arch ?? '',
    bootId: host?.bootId ?? '',
    cpus: host?.cpus ?? 0,
  };
}
