/**
 * Where the fields of `runtime.g`, `runtime.m` and `runtime.p` lie. A wrong offset would read garbage without a sign of it,
 * so each one carries its source, and the one that the machine code shows must agree with the others.
 */
import { UserError } from '../base/errors.js';
import type { StructMembers } from './dwarf-structs.js';
import {
  type FieldOffset,
  type GoVersion,
  REQUIRED_FIELDS,
  type RuntimeField,
  type RuntimeLayout,
} from './go-executable.js';
import { ALL_FIELDS, type GoRelease, goRelease, KNOWN_MINORS, knownReleases } from './go-releases.js';

/** Structs that {@link resolveLayout} looks up in DWARF. */
export const LAYOUT_STRUCTS = ['runtime.g', 'runtime.m', 'runtime.p', 'runtime.gobuf'];
const newestMinor = Math.max(...KNOWN_MINORS);

export interface Evidence {
  readonly name: string;
  readonly version: GoVersion;
  readonly dwarf: StructMembers | undefined;
  /** Offset of `g.atomicstatus` that casgstatus uses; undefined when its code was not understood. */
  readonly statusInCode: number | undefined;
}

export interface ResolvedLayout {
  readonly layout: RuntimeLayout;
  /** The row of the version table in use: the executable's own, or the nearest for an unknown newer Go. */
  readonly release: GoRelease;
  readonly warnings: readonly string[];
}

/** @throws UserError when sources disagree or a field is unknown. */
export function resolveLayout(evidence: Evidence): ResolvedLayout {
  const known = goRelease(evidence.version.minor);
  const release = known ?? nearestRelease(evidence);
  const entries = ALL_FIELDS.flatMap((field): [RuntimeField, FieldOffset][] => {
    const found = findField(field, evidence, release, known !== undefined);
    return found ? [[field, found]] : [];
  });
  const layout = completeLayout(evidence, Object.fromEntries(entries));
  checkAgainstCode(evidence, layout);
  return { layout, release, warnings: [...warningsAbout(evidence, release), ...differences(layout, release, known)] };
}

function findField(
  field: RuntimeField,
  { dwarf, statusInCode }: Evidence,
  release: GoRelease,
  isOwnRelease: boolean,
): FieldOffset | undefined {
  if (dwarf) {
    const offset = offsetInDwarf(dwarf, field);
    return offset === undefined ? undefined : { offset, source: 'dwarf' };
  }
  if (!isOwnRelease && statusInCode !== undefined) {
    // goid follows atomicstatus in every release.
    if (field === 'g.atomicstatus') return { offset: statusInCode, source: 'disassembly' };
    if (field === 'g.goid') return { offset: statusInCode + 8, source: 'disassembly' };
  }
  const offset = release.offset(field);
  return offset === undefined ? undefined : { offset, source: `table go1.${release.minor}` };
}

/** `g.sched.bp` is member `sched` of `runtime.g` plus member `bp` of `runtime.gobuf`. */
function offsetInDwarf(dwarf: StructMembers, field: RuntimeField): number | undefined {
  const [struct = '', member = '', inner] = field.split('.');
  const outer = dwarf.get(`runtime.${struct}`)?.get(member);
  if (inner === undefined || outer === undefined) return outer;
  const innerOffset = dwarf.get('runtime.gobuf')?.get(inner);
  return innerOffset === undefined ? undefined : outer + innerOffset;
}

function completeLayout({ name }: Evidence, fields: Partial<Record<RuntimeField, FieldOffset>>): RuntimeLayout {
  const missing = REQUIRED_FIELDS.filter((field) => fields[field] === undefined);
  if (missing.length === 0) return fields as RuntimeLayout;
  throw new UserError(`runtime layout of ${name}: its DWARF does not say where ${missing.join(', ')} lies`);
}

function checkAgainstCode({ name, version, statusInCode }: Evidence, layout: RuntimeLayout): void {
  const { offset, source } = layout['g.atomicstatus'];
  if (statusInCode === undefined || statusInCode === offset) return;
  throw new UserError(
    `runtime layout of ${name}: g.atomicstatus is at ${offset} by ${source}, but runtime.casgstatus uses ${statusInCode} ` +
      `(${version.text}: a pre-release or modified Go runtime?)`,
  );
}

/** The newest release with the same offset of `g.atomicstatus`. */
function nearestRelease({ name, version, dwarf, statusInCode }: Evidence): GoRelease {
  const status = (dwarf && offsetInDwarf(dwarf, 'g.atomicstatus')) ?? statusInCode;
  const nearest = knownReleases().find((release) => release.offset('g.atomicstatus') === status);
  if (nearest) return nearest;
  throw new UserError(
    `runtime layout of ${name}: ${version.text} is newer than gotape knows (Go 1.${newestMinor}), and its g.atomicstatus ` +
      `(${status === undefined ? 'not found' : `at ${status}`}) is like that of no known release; update gotape`,
  );
}

function warningsAbout({ version, dwarf, statusInCode }: Evidence, release: GoRelease): string[] {
  const warnings: string[] = [];
  if (version.minor !== release.minor) {
    const assumed = dwarf ? 'wait reasons' : 'struct offsets and wait reasons';
    warnings.push(`${version.text} is newer than gotape knows: ${assumed} of Go 1.${release.minor} are assumed`);
  }
  if (statusInCode === undefined) {
    warnings.push(
      'the code of runtime.casgstatus was not understood: the offset of g.atomicstatus is not checked against it',
    );
  }
  return warnings;
}

/** DWARF that contradicts the table of its own release: a patched runtime. DWARF is right, but wait reasons may differ too. */
function differences(layout: RuntimeLayout, release: GoRelease, known: GoRelease | undefined): string[] {
  const differing = ALL_FIELDS.filter(
    (field) => known && layout[field] && layout[field].offset !== release.offset(field),
  );
  if (differing.length === 0) return [];
  return [`DWARF differs from Go 1.${release.minor} in ${differing.join(', ')}: a modified Go runtime?`];
}
