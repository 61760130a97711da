/** Signatures of libbpf.so.1 (bpf/libbpf.h) that gotape calls. No logic here. */
import koffi from 'koffi';

export type NativePointer = bigint | null | object;

const lib = koffi.load('libbpf.so.1');

const printFunction = koffi.proto('int gotape_libbpf_print(int level, const char *format, void *arguments)');

type PrintCallback = (level: number, format: string, args: NativePointer) => number;

export const openFile: (path: string, options: null) => NativePointer = lib.func(
  'void *bpf_object__open_file(const char *path, const void *opts)',
);
export const load: (object: NativePointer) => number = lib.func('int bpf_object__load(void *obj)');
export const close: (object: NativePointer) => void = lib.func('void bpf_object__close(void *obj)');
export const nextMap: (object: NativePointer, previous: NativePointer) => NativePointer = lib.func(
  'void *bpf_object__next_map(const void *obj, const void *map)',
);
export const mapName: (map: NativePointer) => string = lib.func('const char *bpf_map__name(const void *map)');
export const mapFd: (map: NativePointer) => number = lib.func('int bpf_map__fd(const void *map)');
export const setMaxEntries: (map: NativePointer, entries: number) => number = lib.func(
  'int bpf_map__set_max_entries(void *map, uint32_t max_entries)',
);
export const setInitialValue: (map: NativePointer, data: Uint8Array, size: number) => number = lib.func(
  'int bpf_map__set_initial_value(void *map, const uint8_t *data, size_t size)',
);
export const findProgram: (object: NativePointer, name: string) => NativePointer = lib.func(
  'void *bpf_object__find_program_by_name(const void *obj, const char *name)',
);
export const setAutoload: (program: NativePointer, autoload: boolean) => number = lib.func(
  'int bpf_program__set_autoload(void *prog, bool autoload)',
);
export const attachUprobe: (
  program: NativePointer,
  pid: number,
  path: string,
  fileOffset: number,
  options: Uint8Array | null,
) => NativePointer = lib.func(
  'void *bpf_program__attach_uprobe_opts(const void *prog, int pid, const char *binary_path, size_t func_offset, const void *opts)',
);
/** Before load. */
export const setExpectedAttachType: (program: NativePointer, type: number) => number = lib.func(
  'int bpf_program__set_expected_attach_type(void *prog, int type)',
);
export const programFd: (program: NativePointer) => number = lib.func('int bpf_program__fd(const void *prog)');
/** By the program's section. */
export const attach: (program: NativePointer) => NativePointer = lib.func(
  'void *bpf_program__attach(const void *prog)',
);
export const updateElement: (map: number, key: Uint32Array, value: Uint32Array, flags: bigint) => number = lib.func(
  'int bpf_map_update_elem(int fd, const uint32_t *key, const uint32_t *value, uint64_t flags)',
);
export const destroyLink: (link: NativePointer) => number = lib.func('int bpf_link__destroy(void *link)');
export const possibleCpus: () => number = lib.func('int libbpf_num_possible_cpus(void)');
const setPrintPointer: (callback: bigint | null) => void = lib.func('void *libbpf_set_print(void *fn)');

/** Hands libbpf's log lines to `callback`, for the rest of the process. */
export function setPrint(callback: PrintCallback): void {
  setPrintPointer(koffi.register(callback, koffi.pointer(printFunction)));
}

/** `errno` of the last call. */
export function lastErrno(): number {
  return koffi.errno();
}
