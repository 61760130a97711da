/** The formats that are tables. Their encoders are loaded when they are used. */
import type { ConvertFormat, ConvertOptions } from '../format.js';
import { type NewEncoder, TableWriter } from './table-writer.js';
import { CsvEncoder, NdjsonEncoder } from './text-encoders.js';

type Description = Pick<ConvertFormat, 'name' | 'title' | 'opens' | 'extension' | 'layouts'>;

const newArrow: NewEncoder = async (schema, options) => {
  const { ArrowEncoder } = await import('./arrow-encoder.js');
  return new ArrowEncoder(schema, options);
};
const newParquet: NewEncoder = async (schema, options, empty) => {
  const { ParquetEncoder } = await import('./parquet-encoder.js');
  return ParquetEncoder.create(schema, options, empty);
};

function tableFormat(description: Description, newEncoder: NewEncoder): ConvertFormat {
  return {
    ...description,
    options: ['table', 'partition'],
    writesFolder: ({ table, partition }: ConvertOptions) => table === undefined || partition !== undefined,
    open: async (context) => new TableWriter(context, description.extension, newEncoder),
  };
}

export const TABLE_FORMATS: readonly ConvertFormat[] = [
  tableFormat(
    {
      name: 'arrow',
      title: 'Arrow IPC tables (--layout file or stream)',
      opens: 'polars, pandas, DuckDB, R',
      extension: '.arrow',
      layouts: ['file', 'stream'],
    },
    newArrow,
  ),
  tableFormat(
    {
      name: 'parquet',
      title: 'Parquet tables, partitioned on request',
      opens: 'DuckDB, polars, pandas, Spark',
      extension: '.parquet',
    },
    newParquet,
  ),
  tableFormat(
    { name: 'csv', title: 'CSV tables', opens: 'DuckDB, spreadsheets, everything', extension: '.csv' },
    (schema, options) => new CsvEncoder(schema, options),
  ),
  tableFormat(
    { name: 'ndjson', title: 'newline-delimited JSON tables', opens: 'jq, DuckDB, polars', extension: '.ndjson' },
    (schema, options) => new NdjsonEncoder(schema, options),
  ),
];
