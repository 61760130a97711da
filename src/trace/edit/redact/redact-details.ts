/** What segments say in words: goroutines, their labels, frames, calls. */
import type { CallInfo } from '../../../model/call.js';
import type { OsScheduleBatch } from '../../../model/os-schedule.js';
import type { GoroutineInfo } from '../../../model/trace-facts.js';
import type { SegmentDetails } from '../../../model/trace-segment.js';
import type { Ids } from './id-map.js';
import type { NameRedactor } from './name-redactor.js';
import type { Pseudonyms } from './pseudonyms.js';

export interface DetailRedaction {
  readonly names: NameRedactor;
  readonly pseudonyms: Pseudonyms;
  readonly ids: Ids;
}

export function redactGoroutine(info: GoroutineInfo, { names, pseudonyms, ids }: DetailRedaction): GoroutineInfo {
  return {
    ...info,
    pid: ids.pid.of(info.pid),
    startFunction: names.functionName(info.startFunction),
    createdBy: names.site(info.createdBy),
    labels: info.labels?.map(({ key, value }) => ({
      key: pseudonyms.of('label', key),
      value: pseudonyms.of('value', value),
    })),
  };
}

/** Arguments are values of the program: none is kept. */
export function redactDetails(details: SegmentDetails, by: DetailRedaction): SegmentDetails {
  const { frames, stacks, calls, osSchedule } = details;
  const { names } = by;
  return {
    frames: frames?.map((frame) => ({
      ...frame,
      function: names.functionName(frame.function),
      file: names.file(frame.file, frame.function),
    })),
    stacks,
    calls: calls?.map((call) => redactCall(call, by)),
    osSchedule: osSchedule && redactSchedule(osSchedule, by),
  };
}

function redactCall(call: CallInfo, { names, ids }: DetailRedaction): CallInfo {
  return {
    ...call,
    pid: ids.pid.of(call.pid),
    tid: ids.tid.of(call.tid),
    function: names.functionName(call.function),
    arguments: '',
  };
}

function redactSchedule(batch: OsScheduleBatch, { ids }: DetailRedaction): OsScheduleBatch {
  const { length } = batch;
  return {
    ...batch,
    length,
    pid: batch.pid.subarray(0, length).map((id) => ids.pid.of(id)),
    tid: batch.tid.subarray(0, length).map((id) => ids.tid.of(id)),
  };
}
