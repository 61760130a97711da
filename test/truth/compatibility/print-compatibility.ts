/**
 * Writes docs/compatibility.md from recordings made now, some minutes long; status 1 when one is not as it should be:
 *
 *     npm run compatibility
 */

import { writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Workspace } from '../record-trace.js';
import { compatibilityTable, faultLines, type Outcome } from './compatibility-table.js';
import { measureRun, type Subject } from './measure-run.js';
import { GO_SUBJECTS, RELEASE_SUBJECTS } from './subjects.js';

const document = fileURLToPath(new URL('../../../docs/compatibility.md', import.meta.url));

const builds = await measureAll(GO_SUBJECTS);
const releases = await measureAll(RELEASE_SUBJECTS);
writeFileSync(document, page());
const faults = faultLines([...builds, ...releases]);
process.stderr.write(`${document}: ${builds.length + releases.length} recordings, ${faults.length} faults\n`);
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;

async function measureAll(subjects: readonly Subject[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const subject of subjects) {
    using workspace = new Workspace();
    const outcome = await measureRun(workspace, subject).catch((error: unknown) => ({
      ...{ name: subject.name, build: subject.build },
      failure: error instanceof Error ? error.message : String(error),
    }));
    outcomes.push(outcome);
    process.stderr.write(
      `${subject.name}, ${subject.build}: ${faultLines([outcome]).join('; ') || 'as it should be'}\n`,
    );
  }
  return outcomes;
}

function page(): string {
  const [cpu] = cpus();
  const date = new Date().toISOString().slice(0, 10);
  return `# What works with which Go

Written by \`npm run compatibility\` on ${date}: Linux ${release()}, ${process.arch}, ${cpus().length} CPUs (${cpu?.model.trim()}).
Every row is a program that was built and recorded then, with \`gotape record --stacks --call …\`; the figures are what was seen.
\`test/truth/compatibility\` has the code; a part of it is a test that runs with all others.

${summary()}

## How to read it

- **probes**: breakpoints in place, those for calls included; which were not, and why.
- **recorded + folded + filtered + lost − paired = hits**: what became of every hit of the probes for changes of state. In
  brackets, what the kernel counts at the same instructions through a uprobe of its own. *Folded* into the row of the same
  change; *filtered* because it is no change of a goroutine of this trace (the scan bit that goes, a thread's own g, another
  process, before the start or after the end). *Paired*: one hit that makes two rows (\`iter.Pull\`).
- **chain breaks**: places where a goroutine's next change does not begin with the state that the one before left it in.
- **as told**, **labels**, **calls**, **deeds**: what the program itself says, and how much of it the trace says too. Where a
  figure differs, both are there, in bold.
- **stacks rooted**: changes to waiting or to a system call whose stack reaches to the function that the goroutine was started
  for; otherwise, where the others were cut.

## Go releases and builds

The program is [test/programs/script](../test/programs/script/main.go). Its ${deedCount()} deeds, each counted by the program:
${deedNames()}.
*cgo, callbacks* is [test/programs/cgo-callback](../test/programs/cgo-callback/main.go): C calls Go back, on threads of its own.
*iter.Pull* is [test/programs/iter-pull](../test/programs/iter-pull/main.go), whose deed is to pull values.

${compatibilityTable(builds)}

## Tools as they are published

esbuild (as npm delivers it) bundles modules and TypeScript's compiler checks a file: one call for each file that they parse.

${compatibilityTable(releases)}
`;
}

function summary(): string {
  const all = [...builds, ...releases];
  const found = faultLines(all).map((fault) => `- ${fault.replaceAll(/\s*\n\s*/g, ' ')}`);
  const head = `**${all.length} recordings, ${found.length} faults.** A fault is a broken chain, a loss, a hit that is not accounted for, a goroutine`;
  return [
    head,
    'without its name, a stack that is missing, or a figure that the program tells otherwise. Not counted as one, because it is known',
    "([stacks.md](stacks.md#when-a-stack-is-cut)): up to Go 1.20 the collector's workers have no stack while they work.",
    ...found,
  ].join('\n');
}

function deeds() {
  return builds.flatMap((one) => ('deeds' in one ? [one.deeds ?? []] : []))[0] ?? [];
}

function deedCount(): number {
  return deeds().length;
}

function deedNames(): string {
  return deeds()
    .map(({ what }) => what)
    .join(', ');
}
