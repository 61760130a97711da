/** Runs a command with a BPF program that does nothing on each of gotape's probe points: what uprobes cost by themselves. */

import { LAYOUT_FIELDS } from '../../src/capture/bpf-layout.js';
import { BpfObject } from '../../src/capture/bpf-object.js';
import { captureLog, launchStopped, targetOfFile } from '../../src/capture/index.js';

const [file, ...args] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: empty-uprobe.ts COMMAND ARGS…');
captureLog();
using target = targetOfFile(file);
const layout = Object.fromEntries(LAYOUT_FIELDS.map((field) => [field, 0])) as Record<
  (typeof LAYOUT_FIELDS)[number],
  number
>;
using bpf = new BpfObject({ layout, bufferBytes: 4096 });
const command = await launchStopped(file, args);
for (const probe of target.exe.probes) {
  if (probe.present) bpf.attachProgram('empty', probe.fileOffset, file, command.pid, probe.symbol);
}
command.resume();
process.exitCode = await command.exited;
