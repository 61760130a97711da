/** What the BPF programs are told of a target, and where they are attached. */
import { errorText } from '../base/errors.js';
import { type GoExecutable, PROBE_SYMBOLS } from '../goexe/go-executable.js';
import type { ProbeFact } from '../model/trace-facts.js';
import { type BpfLayout, LabelsKind } from './bpf-layout.js';
import type { BpfObject } from './bpf-object.js';
import type { GoTarget } from './go-target.js';
import { LAST_WITH_LABEL_MAP } from './label-memory.js';

/** Constants of the BPF programs for a target. */
export function bpfLayout({ exe, pid }: GoTarget, options: { readonly stacks: boolean }): BpfLayout {
  const { layout } = exe;
  assertRelations(exe);
  const casgstatus = exe.probes.find((probe) => probe.symbol === 'runtime.casgstatus');
  return {
    g_m: layout['g.m'].offset,
    g_status: layout['g.atomicstatus'].offset,
    g_gopc: layout['g.gopc'].offset,
    g_startpc: layout['g.startpc'].offset,
    g_coroarg: layout['g.coroarg']?.offset ?? 0,
    g_coroexit: layout['g.coroexit']?.offset ?? 0,
    m_procid: layout['m.procid'].offset,
    m_curg: layout['m.curg'].offset,
    m_p: layout['m.p'].offset,
    p_id: layout['p.id'].offset,
    return_slot: casgstatus?.present ? Math.max(0, casgstatus.returnAddressAt) : 0,
    check_park: exe.goVersion.minor <= 19 ? 1 : 0,
    tgid: pid,
    stacks: options.stacks ? 1 : 0,
    g_sched_bp: layout['g.sched.bp'].offset,
    g_labels: layout['g.labels'].offset,
    labels: labelsKind(exe),
  };
}

/** Without `runtime/pprof` no goroutine has labels. */
function labelsKind(exe: GoExecutable): number {
  const setter = exe.probes.find(({ symbol }) => symbol === 'runtime/pprof.runtime_setProfLabel');
  if (!setter?.present) return LabelsKind.none;
  return exe.goVersion.minor <= LAST_WITH_LABEL_MAP ? LabelsKind.map : LabelsKind.slice;
}

/** The BPF program reads neighbours at once (G_WORD, M_WORD in gotape.bpf.c): true in every Go release so far. */
function assertRelations({ layout, name, goVersion }: GoExecutable): void {
  const status = layout['g.atomicstatus'].offset;
  const holds =
    layout['g.goid'].offset === status + 8 &&
    layout['g.waitreason'].offset === status + 32 &&
    layout['g.m'].offset < status &&
    layout['g.sched.bp'].offset > layout['g.m'].offset &&
    layout['g.sched.bp'].offset < status &&
    status + 40 - layout['g.m'].offset <= G_BYTES &&
    layout['m.g0'].offset === 0 &&
    layout['m.p'].offset + 8 <= M_BYTES;
  if (!holds)
    throw new Error(`runtime.g of ${name} (${goVersion.text}) is laid out in a way that gotape does not know`);
}

/** Room for struct g_part and struct m_part on the BPF stack. */
const G_BYTES = 18 * 8;
const M_BYTES = 28 * 8;

/** @throws UserError when the one probe that nothing works without cannot be attached */
export function attachAll(bpf: BpfObject, target: GoTarget): ProbeFact[] {
  const bySymbol = new Map(target.exe.probes.map((probe) => [probe.symbol, probe]));
  return PROBE_SYMBOLS.map((symbol) => {
    const probe = bySymbol.get(symbol);
    const none = { symbol, attached: false, offset: 0, instruction: '', emulated: false };
    if (!probe?.present) return { ...none, why: probe?.why ?? 'not in this binary' };
    const { offset, instruction, emulated } = probe;
    try {
      bpf.attach(probe, target.path, target.pid || -1);
      return { symbol, attached: true, offset, instruction, emulated, why: '' };
    } catch (error) {
      if (symbol === 'runtime.casgstatus') throw error;
      return { symbol, attached: false, offset, instruction, emulated, why: `failed: ${errorText(error)}` };
    }
  });
}
