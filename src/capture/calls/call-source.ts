/** `record --call`: calls of functions, as a source of details. */
import type { GoExecutable } from '../../goexe/go-executable.js';
import { recoveryLayout } from '../../goexe/recovery-layout.js';
import type { Gap, ProbeFact } from '../../model/trace-facts.js';
import type { SegmentDetails } from '../../model/trace-segment.js';
import { monotonicNs } from '../clocks.js';
import type { DetailSource } from '../detail-source.js';
import type { GoTarget } from '../go-target.js';
import { type CounterTotals, LossCounters } from '../loss-counters.js';
import { CallDecoder } from './call-decoder.js';
import { CALL_REGISTERS, type CallLayout } from './call-layout.js';
import { CallObject, type CallProbe, type CallProgram } from './call-object.js';
import type { CallPlan } from './call-plan.js';
import { CallStacks } from './call-stacks.js';

/** Functions of the runtime that leave frames without their RET. */
const UNWINDERS: readonly { readonly symbol: string; readonly program: CallProgram }[] = [
  { symbol: 'runtime.recovery', program: 'call_recovered' },
  { symbol: 'runtime.goexit0', program: 'call_goexit' },
];

type LostCalls = Gap & { readonly stream: string };

export class CallSource implements DetailSource {
  readonly probes: readonly ProbeFact[];
  readonly invisible: readonly string[];
  readonly #object: CallObject;
  readonly #plan: CallPlan;
  readonly #attachedNs: bigint;
  readonly #stacks = new CallStacks();
  #startNs = 0n;
  #endNs: bigint | undefined;
  #decoder: CallDecoder | undefined;
  #losses: LossCounters | undefined;
  #lost: LostCalls[] = [];

  private constructor(target: GoTarget, plan: CallPlan, unwinders: Unwinders, bufferBytes: number) {
    this.#plan = plan;
    this.probes = [...plan.facts, ...unwinders.facts];
    this.invisible = [...plan.invisible, ...unwinders.invisible];
    this.#object = new CallObject({
      layout: layoutOf(target),
      bufferBytes,
      probes: [...unwinders.probes, ...plan.probes],
      path: target.path,
      pid: target.pid || -1,
    });
    this.#attachedNs = monotonicNs();
  }

  /**
   * Loads and attaches; nothing is recorded before `begin`.
   * @param bufferBytes of its own ring buffer, a power of two and a multiple of the page size
   * @throws UserError
   */
  static async open(target: GoTarget, plan: CallPlan, bufferBytes: number): Promise<CallSource> {
    return new CallSource(target, plan, await findUnwinders(target.exe), bufferBytes);
  }

  begin(startNs: bigint): void {
    const { ring, counters, control, cpus } = this.#object;
    const registers = CALL_REGISTERS[process.arch] ?? 0;
    this.#startNs = startNs;
    this.#decoder = new CallDecoder(ring, this.#stacks, { startNs, functions: this.#plan.functions, registers });
    this.#losses = new LossCounters(counters, control, cpus, this.#attachedNs);
    this.#object.enable(true);
  }

  poll(): void {
    this.#decoder?.drain();
    const relative = (ns: bigint) => Math.max(0, Number(ns - this.#startNs));
    for (const { fromNs, toNs, lost, why } of this.#losses?.takeLosses(monotonicNs()) ?? []) {
      const range = { fromNs: relative(fromNs), toNs: relative(toNs) };
      this.#stacks.lost(range);
      this.#lost.push({ ...range, lost, why, stream: 'calls' });
    }
  }

  end(): void {
    this.#object.enable(false);
    this.#endNs = monotonicNs();
  }

  stop(): void {
    this.#object.detach();
  }

  /** Reads what has come first: calls that ended up to `untilNs` must not be told after it. */
  take(untilNs: number): SegmentDetails {
    this.poll();
    if (untilNs === Number.POSITIVE_INFINITY)
      this.#stacks.finish(Number((this.#endNs ?? this.#startNs) - this.#startNs));
    const calls = this.#stacks.take(untilNs);
    return calls.length > 0 ? { calls } : {};
  }

  takeLosses(): readonly LostCalls[] {
    return this.#lost.splice(0);
  }

  /** hits = submitted + dropped + faulted + filtered. */
  totals(): CounterTotals | undefined {
    return this.#losses?.totals();
  }

  [Symbol.dispose](): void {
    this.#object[Symbol.dispose]();
  }
}

interface Unwinders {
  readonly probes: readonly CallProbe[];
  readonly facts: readonly ProbeFact[];
  readonly invisible: readonly string[];
}

async function findUnwinders(exe: GoExecutable): Promise<Unwinders> {
  const { targets } = await exe.callTargets(UNWINDERS.map(({ symbol }) => symbol));
  const found = UNWINDERS.map(({ symbol, program }): { probe?: CallProbe; fact: ProbeFact } => {
    const target = targets.find(({ name }) => name === symbol);
    const none = { symbol, attached: false, offset: 0, instruction: '', emulated: false };
    if (program === 'call_recovered' && !recoveryLayout(exe.goVersion))
      return { fact: { ...none, why: `its work in ${exe.goVersion.text} is not known` } };
    if (target === undefined || typeof target.points === 'string')
      return { fact: { ...none, why: target === undefined ? 'not in this binary' : String(target.points) } };
    const { offset, instruction, emulated } = target.points.entry;
    const fileOffset = exe.fileOffsetOf(target.entry + offset) ?? 0;
    return {
      probe: { program, fileOffset, cookie: 0n, symbol },
      fact: { symbol, attached: true, offset, instruction, emulated, why: '' },
    };
  });
  const missing = found.filter(({ probe }) => probe === undefined).map(({ fact }) => fact.symbol);
  return {
    probes: found.flatMap(({ probe }) => probe ?? []),
    facts: found.map(({ fact }) => fact),
    invisible:
      missing.length === 0
        ? []
        : [
            `when a panic or runtime.Goexit left a call is seen at the goroutine's next call only (no probe on ${missing.join(', ')})`,
          ],
  };
}

function layoutOf({ exe, pid }: GoTarget): CallLayout {
  const { layout } = exe;
  const recovery = recoveryLayout(exe.goVersion);
  return {
    g_goid: layout['g.goid'].offset,
    recovered_sp: recovery?.stackPointerAt ?? 0,
    recovered_in: recovery?.holderAt ?? 0,
    tgid: pid,
  };
}
