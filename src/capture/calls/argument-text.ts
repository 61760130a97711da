/** Arguments of one call as text: `n=3 name="x" err=nil`. */
import { decodeUtf8 } from '../../base/text.js';
import type { ArgumentValue, FunctionParameter, Place } from '../../goexe/function-parameters.js';
import { CALL_STRING_BYTES, CALL_STRINGS } from './call-layout.js';

/** What was read when the function was entered. */
export interface CallRegisters {
  /** Low and high halves of a register of Go's ABIInternal. */
  low(register: number): number;
  high(register: number): number;
  /** The bytes read of a string, by the order of {@link stringRegisters}; undefined when they could not be read. */
  string(slot: number): Uint8Array | undefined;
}

const TWO_32 = 4_294_967_296;
/** What stands for a value that was not read: in a floating point register, on the stack, in no place that DWARF names. */
const NOT_READ = '?';

/** Registers that hold the addresses of the strings that are read, in their order. */
export function stringRegisters(parameters: readonly FunctionParameter[]): number[] {
  return parameters.flatMap(({ value }) => stringsOf(value)).slice(0, CALL_STRINGS);
}

function stringsOf(value: ArgumentValue): number[] {
  if (value.kind === 'struct') return value.fields.flatMap((field) => stringsOf(field.value));
  return value.kind === 'string' && isAdjacent(value.at, value.length) ? [value.at] : [];
}

/** Only such a pair is read; Go has no other. */
function isAdjacent(at: Place, length: Place): at is number {
  return typeof at === 'number' && length === at + 1;
}

export function argumentsText(parameters: readonly FunctionParameter[], registers: CallRegisters): string {
  const writer = new ArgumentWriter(registers);
  return parameters.map(({ name, value }) => `${name}=${writer.text(value)}`).join(' ');
}

class ArgumentWriter {
  readonly #registers: CallRegisters;
  #slot = 0;

  constructor(registers: CallRegisters) {
    this.#registers = registers;
  }

  text(value: ArgumentValue): string {
    if (value.kind === 'struct') {
      return `{${value.fields.map((field) => `${field.name}=${this.text(field.value)}`).join(' ')}}`;
    }
    if (value.kind === 'string') return this.#string(value.at, value.length);
    const { at } = value;
    if (typeof at !== 'number') return NOT_READ;
    switch (value.kind) {
      case 'integer':
        return this.#integer(at, value.bytes, value.signed);
      case 'bool':
        return (this.#registers.low(at) & 0xff) === 0 ? 'false' : 'true';
      case 'pointer':
        return this.#isZero(at) ? 'nil' : `0x${this.#unsigned(at).toString(16)}`;
      case 'interface':
        return this.#isZero(at) ? 'nil' : 'non-nil';
      case 'slice':
        return this.#slice(at, value.length);
      default:
        return NOT_READ;
    }
  }

  /** Only the low bytes of a register are the argument: what stands above them is anything. */
  #integer(at: number, bytes: number, signed: boolean): string {
    const low = this.#registers.low(at);
    if (bytes === 8) return String(signed ? BigInt.asIntN(64, this.#unsigned(at)) : this.#unsigned(at));
    const shift = 32 - 8 * bytes;
    return String(signed ? (low << shift) >> shift : (low << shift) >>> shift);
  }

  #unsigned(at: number): bigint {
    return (BigInt(this.#registers.high(at) >>> 0) << 32n) | BigInt(this.#registers.low(at) >>> 0);
  }

  #isZero(at: number): boolean {
    return this.#registers.low(at) === 0 && this.#registers.high(at) === 0;
  }

  #slice(at: number, length: Place): string {
    if (this.#isZero(at)) return 'nil';
    return typeof length === 'number' ? `[${this.#length(length)}]` : `[${NOT_READ}]`;
  }

  #length(at: number): number {
    return (this.#registers.high(at) >>> 0) * TWO_32 + (this.#registers.low(at) >>> 0);
  }

  #string(at: Place, lengthAt: Place): string {
    if (!isAdjacent(at, lengthAt)) return NOT_READ;
    const slot = this.#slot++;
    const length = this.#length(at + 1);
    const bytes = slot < CALL_STRINGS ? this.#registers.string(slot) : undefined;
    if (bytes === undefined) return `${NOT_READ}(${length} bytes)`;
    if (length <= CALL_STRING_BYTES) return JSON.stringify(decodeUtf8(bytes.subarray(0, length)));
    // A character that was cut in two is left out.
    const text = decodeUtf8(bytes.subarray(0, CALL_STRING_BYTES)).replace(/\ufffd$/, '');
    return `${JSON.stringify(text)}…(${length} bytes)`;
  }
}
