/** Perfetto traces as Perfetto's own protobuf messages read them, from the PyPI package `perfetto`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Tag, TaskState } from '../../src/convert/perfetto/fields.js';
import { convertToPerfetto } from '../support/convert-to-perfetto.js';
import { preparePython, runPython } from '../support/python.js';
import { serverTrace } from '../support/server-trace.js';
import { perfettoSchema } from './perfetto-rules.js';

const WIRE_TYPES: Readonly<Record<string, number>> = { fixed64: 1, string: 2, bytes: 2 };

/** `MESSAGE.FIELD` → number, type and label, of every field of the reduced schema. */
function fieldsOfSchema(): Map<string, protobuf.Field> {
  const fields = new Map<string, protobuf.Field>();
  const visit = (namespace: protobuf.NamespaceBase, prefix: string) => {
    for (const nested of namespace.nestedArray) {
      const name = prefix + nested.name;
      if (nested instanceof protobuf.Type)
        for (const f of nested.fieldsArray) fields.set(`${name}.${f.name}`, f.resolve());
      if (nested instanceof protobuf.Type) visit(nested, `${name}.`);
    }
  };
  visit(perfettoSchema.lookup('perfetto.protos') as protobuf.Namespace, '');
  return fields;
}

function tagOf({ id, type, resolvedType }: protobuf.Field): number {
  return (id << 3) | (resolvedType instanceof protobuf.Type ? 2 : (WIRE_TYPES[type] ?? 0));
}

test('the tags that are written are those of the schema, and all of them', () => {
  const written = new Map(
    Object.entries(Tag).flatMap(([message, tags]) =>
      Object.entries(tags).map(([field, tag]) => [`${message}.${field}`, tag] as const),
    ),
  );
  const schema = new Map([...fieldsOfSchema()].map(([name, field]) => [name, tagOf(field)]));
  for (const message of ['EventCategory', 'DebugAnnotationName', 'InternedString']) {
    expect(schema.get(`${message}.iid`)).toBe(Tag.EventName.iid);
    expect(schema.get(`${message}.${message === 'InternedString' ? 'str' : 'name'}`)).toBe(Tag.EventName.name);
    for (const field of ['iid', 'name', 'str']) schema.delete(`${message}.${field}`);
  }
  expect(written).toEqual(schema);
  const { values } = perfettoSchema.lookupEnum('perfetto.protos.GenericKernelTaskStateEvent.TaskStateEnum');
  expect(values).toMatchObject({
    TASK_STATE_RUNNABLE: TaskState.runnable,
    TASK_STATE_RUNNING: TaskState.running,
    TASK_STATE_INTERRUPTIBLE_SLEEP: TaskState.interruptibleSleep,
    TASK_STATE_UNINTERRUPTIBLE_SLEEP: TaskState.uninterruptibleSleep,
    TASK_STATE_STOPPED: TaskState.stopped,
    TASK_STATE_DESTROYED: TaskState.destroyed,
  });
});

const python = preparePython();

describe.skipIf(python === undefined)("Perfetto's own messages", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gotape-perfetto-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('have every field of the schema, with the same number and type', () => {
    const official = JSON.parse(runPython(python!, FIELDS_SCRIPT, [...new Set(messageNames())])) as Record<
      string,
      readonly [number: number, type: string, repeated: boolean]
    >;
    for (const [name, field] of fieldsOfSchema()) {
      const type = field.resolvedType?.name ?? field.type;
      // The published messages are newer: the thread's id has 64 bits there, which are the same bytes.
      const expected = name === 'ThreadDescriptor.tid' ? 'int64' : type;
      expect([name, official[name]]).toEqual([name, [field.id, expected, field.repeated]]);
    }
  });

  test.each([
    'native',
    'tree',
  ])('%s: read all of a trace, know every field, and count what the audit counts', async (layout) => {
    const { bytes, audit } = await convertToPerfetto(serverTrace({ requests: 200 }), { layout });
    const path = join(folder, `${layout}.pftrace`);
    writeFileSync(path, bytes);
    const { states, lives, runs, systemStack, slices, counterPoints, flows } = audit;
    const runSlices = layout === 'tree' ? runs.spans : 0;
    const read = JSON.parse(runPython(python!, COUNT_SCRIPT, [path])) as Record<string, number>;
    expect(read).toMatchObject({
      unknown: 0,
      begins: slices + lives.slices + systemStack.slices + runSlices,
      ends: slices + lives.slices + systemStack.slices + runSlices,
      counters: counterPoints,
      flows: flows.arrows,
    });
    // Threads end in one more state, those without an exit too.
    expect(read['states']).toBeGreaterThanOrEqual(states);
  });
});

function messageNames(): string[] {
  return [...fieldsOfSchema().keys()].map((name) => name.slice(0, name.lastIndexOf('.')));
}

const FIELDS_SCRIPT = `
import sys, json
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as p
TYPES = {3: 'int64', 4: 'uint64', 5: 'int32', 6: 'fixed64', 8: 'bool', 9: 'string', 12: 'bytes', 13: 'uint32'}
fields = {}
for name in sys.argv[1:]:
    message = p.DESCRIPTOR.message_types_by_name[name.split('.')[0]]
    for part in name.split('.')[1:]:
        message = message.nested_types_by_name[part]
    for f in message.fields:
        named = f.message_type or f.enum_type
        fields[name + '.' + f.name] = [f.number, named.name if named else TYPES.get(f.type, str(f.type)), f.is_repeated]
print(json.dumps(fields))
`;

const COUNT_SCRIPT = `
import sys, json
from google.protobuf import unknown_fields
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as p
trace = p.Trace()
trace.ParseFromString(open(sys.argv[1], 'rb').read())
def unknown(message):
    n = len(unknown_fields.UnknownFieldSet(message))
    for field, value in message.ListFields():
        if field.message_type:
            n += sum(unknown(m) for m in value) if field.is_repeated else unknown(value)
    return n
events = [k.track_event for k in trace.packet if k.HasField('track_event')]
T = p.TrackEvent
begun, ended = [], set()
for e in events:
    begun += list(e.flow_ids)
    ended |= set(e.terminating_flow_ids)
print(json.dumps({
    'unknown': unknown(trace),
    'states': sum(k.HasField('generic_kernel_task_state_event') for k in trace.packet),
    'begins': sum(e.type == T.TYPE_SLICE_BEGIN for e in events),
    'ends': sum(e.type == T.TYPE_SLICE_END for e in events),
    'counters': sum(e.type == T.TYPE_COUNTER for e in events),
    'flows': sum(i in ended for i in begun),
}))
`;
