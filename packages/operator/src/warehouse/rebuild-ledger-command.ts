/** Which days lack a row of the ledger, and what a rebuilding does about each. */
import { namedRows } from '@user-behaviour/redshift-load/data-api/result';
import { statement } from '@user-behaviour/redshift-load/data-api/sql';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { type Ds, dsRange, isDs, parseDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { createLog } from '@user-behaviour/shared/runner/log';
import { newRunId } from '@user-behaviour/shared/runner/run-id';
import { stageOf } from '@user-behaviour/shared/pipeline';
import type { Argv } from 'yargs';
import { requireConsent } from '../command-line/consent.ts';
import { type OperatorConfiguration, operatorConfiguration } from '../config.ts';
import { readDays } from '../facts/day-facts.ts';
import type { Bounds } from '../facts/inventory.ts';
import { queryFailure, queryWarehouse, warehouseOf } from '../facts/warehouse-query.ts';
import type { Shell } from '../shell.ts';
import { formatTable } from '../table.ts';
import { requireLocalCloud, tellWorld } from '../world/world.ts';
import { migrateTables } from './migrate-command.ts';
import { rebuildDay, tellRebuilt } from './rebuild-ledger.ts';

export function rebuildLedgerCommand(cli: Argv, shell: Shell): Argv {
  return cli.command(
    'rebuild-ledger',
    'write the rows of the ledger that were lost, where the metric proves them',
    (options) =>
      options
        .option('from', { type: 'string', describe: 'the first day [default: all]' })
        .option('to', { type: 'string', describe: 'the last day [default: all]' })
        .option('dry-run', { type: 'boolean', default: false, describe: 'only compare' })
        .option('yes', {
          type: 'boolean',
          default: false,
          describe: 'rebuild more than 60 days without a question',
        }),
    async ({ from, to, dryRun, yes }) => {
      await rebuild(boundsOf(from, to, shell), { writes: !dryRun, yes }, shell);
    },
  );
}

function boundsOf(from: string | undefined, to: string | undefined, shell: Shell): Bounds {
  const names = { from: shell.optionName('from'), through: shell.optionName('to') };
  const first = from === undefined ? undefined : parseDs(from, names.from);
  const last = to === undefined ? undefined : parseDs(to, names.through);
  if (first !== undefined && last !== undefined) dsRange(first, last, names);
  return { from: first, to: last };
}

interface Wanted {
  readonly writes: boolean;
  readonly yes: boolean;
}

async function rebuild(bounds: Bounds, { writes, yes }: Wanted, shell: Shell): Promise<void> {
  await requireLocalCloud(shell.env);
  const configuration = operatorConfiguration(shell.env);
  shell.report(`rebuild-ledger: on ${await tellWorld(configuration, shell.env)}`);
  const days = await daysWithoutRow(configuration, bounds);
  if (days.length === 0) {
    shell.print('nothing to do: every day that may be loaded has a row in the ledger');
    return;
  }
  if (writes) await requireConsent('rebuild-ledger', days, yes, shell);
  const signal = shell.stopSignal();
  const s3 = createS3Client(configuration);
  const bucket = configuration.PIPELINE_BUCKET;
  using api = warehouseOf(configuration, signal);
  const rebuilding = {
    ...{ api, bucket, signal, writes },
    store: new ManifestStore(s3, bucket),
    run: `rebuilt-${newRunId(new Date())}`,
    log: createLog('rebuild-ledger', 'json', { write: () => undefined }, 'silent'),
  };
  const done = writes ? 'rebuilt' : 'would be rebuilt';
  const rows: string[][] = [];
  try {
    // The table of the ledger may be gone with its rows.
    if (writes) await migrateTables(api, false);
    for (const ds of days) {
      const { outcome, why } = (await rebuildDay(ds, rebuilding)) ?? { outcome: done, why: '' };
      rows.push([ds, outcome, why]);
    }
  } catch (error) {
    throw queryFailure(error);
  } finally {
    s3.destroy();
    if (rows.length > 0) shell.print(formatTable(['ds', 'ledger', 'why'], rows));
  }
  const outcomes = rows.map(([, outcome = '']) => outcome);
  shell.report(tellRebuilt(outcomes, done));
}

/** Days with rows in the metric, or with all that a load reads, in ascending order. */
async function daysWithoutRow(
  configuration: OperatorConfiguration,
  { from, to }: Bounds,
): Promise<Ds[]> {
  const [facts, slices] = await Promise.all([
    readDays(configuration, { from, to }),
    daysOfMetric(configuration, { from, to }),
  ]);
  const { reads } = stageOf('redshift-load');
  const ready = facts.filter(({ published }) => reads.every((dataset) => published.has(dataset)));
  const inLedger = new Set(facts.flatMap(({ ds, ledger }) => (ledger === undefined ? [] : [ds])));
  const all = new Set([...ready.map(({ ds }) => ds), ...slices]);
  return [...all].filter((ds) => !inLedger.has(ds)).sort();
}

async function daysOfMetric(
  configuration: OperatorConfiguration,
  { from = '0001-01-01' as Ds, to = '9999-12-31' as Ds }: Bounds,
): Promise<Ds[]> {
  const days = { first_ds: from, last_ds: to };
  const existing = await queryWarehouse(configuration, statement('ddl', 'metric_tables'));
  const tables = namedRows(existing).map((row) => row['table_name']);
  if (!tables.includes('user_behavior_metric')) {
    throw new Failure('data', 'the table of the metric is missing, so no row can be proven', {
      action: 'load the days again: catchup knows them all',
    });
  }
  const found = await queryWarehouse(configuration, statement('report', 'metric_days'), days);
  return namedRows(found).flatMap((row) => {
    const ds = row['ds']?.slice(0, 10) ?? '';
    return isDs(ds) ? [ds] : [];
  });
}
