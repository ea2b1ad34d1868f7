/**
 * Asks the same questions of the same purchases in three stores, and prints how long each took. It changes nothing
 * that stays. Exit codes: those of the failures in shared/failure.ts.
 */
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { asFailure } from '@user-behaviour/shared/failure';
import { fileStore, toParquet } from './file-store.ts';
import { middleOfFive, type Store } from './measurement.ts';
import { withRowStore } from './row-store.ts';
import { readSettings, type Settings } from './settings.ts';

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const milliseconds = (time: number): string => `${time.toFixed(time < 10 ? 1 : 0)} ms`;

/** Everything that is known of a store, in the order of the printed lines. */
async function figuresOf(store: Store): Promise<readonly string[]> {
  return [
    store.name,
    megabytes(store.bytes),
    megabytes(store.bytesOfSum),
    milliseconds(await middleOfFive(store.sumByCountry)),
    milliseconds(await middleOfFive(store.oneInvoice)),
    milliseconds(await middleOfFive(store.correctOne)),
  ];
}

async function measure(settings: Settings): Promise<readonly (readonly string[])[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'columns-'));
  const csv = join(folder.path, 'purchases.csv');
  const parquet = join(folder.path, 'purchases.parquet');
  // It lives as long as the process.
  const connection = await (await DuckDBInstance.create()).connect();
  return await withRowStore(settings, async (rowStore, exportTo) => {
    await exportTo(csv);
    await toParquet(connection, { csv, parquet });
    const stores = [
      rowStore,
      await fileStore(connection, { format: 'CSV', file: csv, rows: settings.rows }),
      await fileStore(connection, { format: 'Parquet', file: parquet, rows: settings.rows }),
    ];
    const sums = await Promise.all(stores.map((store) => store.sumByCountry()));
    if (new Set(sums).size > 1) throw new Error(`the stores differ: ${sums.join('; ')}`);
    const figures: (readonly string[])[] = [];
    for (const store of stores) figures.push(await figuresOf(store));
    return figures;
  });
}

try {
  const settings = readSettings(process.env);
  process.stderr.write(`columns: making ${String(settings.rows)} purchases three times\n`);
  const labels = [
    `${String(settings.rows)} purchases`,
    'stored',
    'sum by country reads',
    'sum by country',
    'one invoice',
    'correct one price',
  ];
  const stores = await measure(settings);
  for (const [line, label] of labels.entries()) {
    const cells = stores.map((figures) => (figures[line] ?? '').padStart(12));
    process.stdout.write(`${label.padEnd(22)}${cells.join('')}\n`);
  }
} catch (error) {
  const { message, action, exit } = asFailure(error);
  process.stderr.write(`columns: ${message}\n${action}\n`);
  process.exitCode = exit;
}
