/** Where a converter's output goes. */
export interface ByteSink {
  /** Takes `bytes` and resolves when they may be overwritten and more may follow. */
  write(bytes: Uint8Array): Promise<void>;
}
