/** What the command line needs of capture; loaded dynamically, because it binds libbpf. */
export { type CallPlan, planCalls } from './calls/call-plan.js';
export { CallSource } from './calls/call-source.js';
export type { Clocks } from './clocks.js';
export { clockFact, hostFact, targetFact } from './facts.js';
export { type GoTarget, targetOfFile, targetOfProcess } from './go-target.js';
export { type LaunchedCommand, launchStopped, resolveCommand } from './launch.js';
export { captureLog } from './libbpf-log.js';
export { assertCanRecord } from './privileges.js';
export { isAlive, type ProgramIdentity, readFileIdentity, readProcessState, readProgramIdentity } from './proc.js';
export { Recording, type RecordingTotals } from './recording.js';
export { SchedSource } from './sched/sched-source.js';
export { invisibleIn } from './visibility.js';
