/**
 * bpf(2) with BPF_LINK_CREATE for many uprobes at once (linux/bpf.h, `link_create.uprobe_multi`): libbpf wraps it from 1.3 on
 * only. No logic here.
 */
import koffi from 'koffi';

/** `enum bpf_attach_type`: what the program must be loaded with. */
export const BPF_TRACE_UPROBE_MULTI = 48;
export const BPF_LINK_CREATE = 28;
/** Bytes of {@link LinkCreate} that the kernel reads. */
export const LINK_CREATE_BYTES = 64;
/** bpf(2) on x86-64 and arm64. */
export const SYS_BPF: Readonly<Record<string, number>> = { x64: 321, arm64: 280 };

export interface LinkCreate {
  readonly prog_fd: number;
  readonly target_fd: number;
  readonly attach_type: number;
  readonly link_flags: number;
  readonly path: string;
  readonly offsets: BigUint64Array;
  readonly ref_ctr_offsets: null;
  readonly cookies: BigUint64Array;
  readonly cnt: number;
  readonly flags: number;
  readonly pid: number;
  readonly padding: number;
}

const libc = koffi.load('libc.so.6');

koffi.struct('gotape_link_create', {
  prog_fd: 'uint32_t',
  target_fd: 'uint32_t',
  attach_type: 'uint32_t',
  link_flags: 'uint32_t',
  path: 'const char *',
  offsets: 'uint64_t *',
  ref_ctr_offsets: 'void *',
  cookies: 'uint64_t *',
  cnt: 'uint32_t',
  flags: 'uint32_t',
  pid: 'uint32_t',
  padding: 'uint32_t',
});

/** -1 with errno when it fails. */
export const createLink: (syscall: number, command: number, attributes: LinkCreate, bytes: number) => number =
  libc.func('long syscall(long number, int command, gotape_link_create *attributes, uint32_t bytes)');
