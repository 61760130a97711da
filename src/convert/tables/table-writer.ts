/** A conversion into tables: rows gather in memory while a segment is read, and are written after it. */
import { ExitCode, UserError } from '../../base/errors.js';
import { formatCount, printable } from '../../base/text.js';
import type { Span } from '../../model/span.js';
import type { TraceFacts } from '../../model/trace-facts.js';
import type { TraceSegment } from '../../model/trace-segment.js';
import type { ConversionReport, ConvertContext, OutputSink, SpanWriter } from '../format.js';
import { GoroutineTotals } from './goroutine-totals.js';
import { partitionFolder } from './partition.js';
import { TableBuffer } from './table-buffer.js';
import type { EncoderOptions, TableEncoder } from './table-encoder.js';
import { isWakeUp, TableRows } from './table-rows.js';
import { TABLE_NAMES, TABLES, type TableName, type TableSchema } from './table-schema.js';

export type NewEncoder = (
  schema: TableSchema,
  options: EncoderOptions,
  empty: TableBuffer,
) => TableEncoder | Promise<TableEncoder>;

/** A batch in the file; less only at its end. */
const BATCH_ROWS = 65_536;

interface OpenTable {
  readonly name: TableName;
  readonly buffer: TableBuffer;
  encoder: TableEncoder | undefined;
  sink: OutputSink | undefined;
}

export class TableWriter implements SpanWriter {
  readonly #context: ConvertContext;
  readonly #newEncoder: NewEncoder;
  readonly #extension: string;
  readonly #tables: readonly OpenTable[];
  readonly #rows: TableRows;
  readonly #totals: GoroutineTotals;
  /** What came in, counted apart from the rows that were made of it. */
  readonly #taken: Record<TableName, number> = {
    transitions: 0,
    spans: 0,
    goroutines: 0,
    stacks: 0,
    wakeups: 0,
    calls: 0,
    sched: 0,
  };

  /** @throws UserError (usage) for a table that there is not */
  constructor(context: ConvertContext, extension: string, newEncoder: NewEncoder) {
    const { goroutines, source, options } = context;
    this.#context = context;
    this.#newEncoder = newEncoder;
    this.#extension = extension;
    this.#tables = wantedTables(options.table).map((name) => ({
      name,
      buffer: new TableBuffer(TABLES[name]),
      encoder: undefined,
      sink: undefined,
    }));
    const buffers = Object.fromEntries(this.#tables.map(({ name, buffer }) => [name, buffer]));
    this.#rows = new TableRows(buffers, source.reasons, goroutines);
    this.#totals = new GoroutineTotals(goroutines);
    if (options.partition) partitionFolder(options.partition, source.facts);
  }

  segment(segment: TraceSegment): void {
    const { transitions, stacks = [], calls = [], osSchedule } = segment;
    this.#taken.transitions += transitions.length;
    this.#taken.stacks += stacks.reduce((sum, { frames }) => sum + frames.length, 0);
    this.#taken.calls += calls.length;
    this.#taken.sched += osSchedule?.length ?? 0;
    this.#rows.segment(segment);
  }

  begin(goroutine: number, timeNs: number): void {
    this.#totals.begin(goroutine, timeNs);
  }

  span(span: Span): void {
    this.#taken.spans++;
    if (isWakeUp(span)) this.#taken.wakeups++;
    this.#rows.span(span);
    this.#totals.span(span);
  }

  systemStack(): void {}

  end(goroutine: number, timeNs: number): void {
    this.#totals.end(goroutine, timeNs);
  }

  async drain(): Promise<void> {
    for (const table of this.#tables) if (table.buffer.length >= BATCH_ROWS) await this.#write(table);
  }

  async finish(): Promise<ConversionReport> {
    const goroutines = this.#tables.find(({ name }) => name === 'goroutines');
    const { size } = this.#context.goroutines;
    this.#taken.goroutines = size;
    for (let from = 0; goroutines && from < size; from += BATCH_ROWS) {
      this.#totals.rows(goroutines.buffer, from, BATCH_ROWS);
      await this.#write(goroutines);
    }
    for (const table of this.#tables) await this.#close(table);
    const made = this.#tables.filter(({ sink }) => sink !== undefined);
    const summary = made.map(({ name, encoder }) => `${formatCount(encoder?.rows ?? 0)} ${name}`).join(', ');
    return { summary: () => `rows: ${summary}` };
  }

  async #write(table: OpenTable): Promise<void> {
    const { buffer } = table;
    const { encoder, sink } = await this.#open(table);
    const bytes = await encoder.encode(buffer);
    if (bytes.length > 0) await sink.write(bytes);
    buffer.clear();
  }

  async #close(table: OpenTable): Promise<void> {
    const { name, buffer } = table;
    if (buffer.length > 0) await this.#write(table);
    const isWanted = this.#context.options.table !== undefined || !TABLES[name].optional;
    if (isWanted) await this.#open(table);
    if (table.encoder !== undefined && table.sink !== undefined) {
      const bytes = await table.encoder.finish();
      if (bytes.length > 0) await table.sink.write(bytes);
      await table.sink.close();
    }
    const written = table.encoder?.rows ?? 0;
    if (written === this.#taken[name] && buffer.total === written) return;
    throw new Error(
      `conversion audit: ${name}: ${this.#taken[name]} came in, ${written} rows went out (a defect of gotape)`,
    );
  }

  async #open(table: OpenTable): Promise<{ encoder: TableEncoder; sink: OutputSink }> {
    const { output, source, options } = this.#context;
    table.sink ??= await output.create(this.#fileOf(table.name));
    const startRealtimeNs = BigInt(source.facts.start.realtimeNs);
    const schema = TABLES[table.name];
    table.encoder ??= await this.#newEncoder(
      schema,
      { startRealtimeNs, layout: options.layout },
      new TableBuffer(schema),
    );
    return { encoder: table.encoder, sink: table.sink };
  }

  /** In the folder; undefined for the one file that there is. */
  #fileOf(name: TableName): string | undefined {
    const { options, source } = this.#context;
    if (options.partition !== undefined) {
      return `${name}/${partitionFolder(options.partition, source.facts as TraceFacts)}/${options.baseName ?? 'trace'}${this.#extension}`;
    }
    return options.table === undefined ? `${name}${this.#extension}` : undefined;
  }
}

function wantedTables(table: string | undefined): readonly TableName[] {
  if (table === undefined) return TABLE_NAMES;
  const known = TABLE_NAMES.find((name) => name === table);
  if (known !== undefined) return [known];
  throw new UserError(`--table ${printable(table)}: expected one of ${TABLE_NAMES.join(', ')}`, {
    exitCode: ExitCode.usage,
  });
}
