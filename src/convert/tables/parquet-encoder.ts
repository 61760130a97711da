/** Tables as Parquet: zstd, row groups of 262,144 rows, written as they fill up. */
import type { RecordBatch } from 'parquet-wasm';
import { errorText, UserError } from '../../base/errors.js';
import { arrowStream } from './arrow-encoder.js';
import type { TableBuffer } from './table-buffer.js';
import type { EncoderOptions, TableEncoder } from './table-encoder.js';
import type { TableSchema } from './table-schema.js';

type ParquetWasm = typeof import('parquet-wasm');

const ROW_GROUP_ROWS = 1 << 18;
const CREATED_BY = 'gotape';

export class ParquetEncoder implements TableEncoder {
  rows = 0;
  readonly #schema: TableSchema;
  readonly #startRealtimeNs: bigint;
  readonly #wasm: ParquetWasm;
  readonly #batches: WritableStreamDefaultWriter<RecordBatch>;
  readonly #done: Promise<void>;
  #chunks: Uint8Array[] = [];

  private constructor(
    schema: TableSchema,
    { startRealtimeNs }: EncoderOptions,
    wasm: ParquetWasm,
    batches: TransformStream<RecordBatch, RecordBatch>,
    output: ReadableStream<Uint8Array>,
  ) {
    this.#schema = schema;
    this.#startRealtimeNs = startRealtimeNs;
    this.#wasm = wasm;
    this.#batches = batches.writable.getWriter();
    this.#done = this.#collect(output);
    this.#done.catch(() => {});
  }

  static async create(schema: TableSchema, options: EncoderOptions, empty: TableBuffer): Promise<ParquetEncoder> {
    const wasm = await loadParquetWasm();
    const batches = new TransformStream<RecordBatch, RecordBatch>();
    const properties = new wasm.WriterPropertiesBuilder()
      .setCompression(wasm.Compression.ZSTD)
      .setMaxRowGroupSize(ROW_GROUP_ROWS)
      .setCreatedBy(CREATED_BY)
      .build();
    const output = wasm.transformParquetStream(batches.readable, properties);
    // The library reads the first batch, for its schema, before it hands back the stream.
    const first = batches.writable.getWriter();
    await Promise.all([first.write(toBatch(wasm, schema, empty, options.startRealtimeNs)), output]);
    first.releaseLock();
    return new ParquetEncoder(schema, options, wasm, batches, (await output) as ReadableStream<Uint8Array>);
  }

  async encode(batch: TableBuffer): Promise<Uint8Array> {
    this.rows += batch.length;
    await Promise.race([
      this.#batches.write(toBatch(this.#wasm, this.#schema, batch, this.#startRealtimeNs)),
      this.#done,
    ]);
    return this.#taken();
  }

  async finish(): Promise<Uint8Array> {
    await this.#batches.close();
    await this.#done;
    return this.#taken();
  }

  async #collect(output: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of output) this.#chunks.push(chunk);
  }

  #taken(): Uint8Array {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return bytes;
  }
}

function toBatch(wasm: ParquetWasm, schema: TableSchema, batch: TableBuffer, startRealtimeNs: bigint): RecordBatch {
  const table = wasm.Table.fromIPCStream(arrowStream(schema, batch, startRealtimeNs));
  const [first] = table.recordBatches();
  table.free();
  if (first === undefined) throw new Error('parquet-wasm found no batch in an Arrow stream that has one');
  return first;
}

/** An optional dependency: 5 MB of WebAssembly that only this format needs. @throws UserError */
async function loadParquetWasm(): Promise<ParquetWasm> {
  try {
    return await import('parquet-wasm');
  } catch (error) {
    throw new UserError(
      `--to parquet: the optional package parquet-wasm is not installed (npm install parquet-wasm): ${errorText(error)}`,
      { cause: error },
    );
  }
}
