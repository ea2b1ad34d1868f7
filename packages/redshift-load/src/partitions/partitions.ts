/** Reads where the external partitions of many days point, and sets them to the published runs. */
import type { DescribeStatementResponse } from '@aws-sdk/client-redshift-data';
import type { DataApi } from '../data-api/client.ts';
import { rangeName } from '../data-api/names.ts';
import { type Statement, statement } from '../data-api/sql.ts';
import { noteStatement } from '../load/statement-notes.ts';
import { rangeParameters } from '../load/transaction.ts';
import {
  areSet,
  type DayPartitions,
  type Locations,
  partitionStatements,
} from './partition-statements.ts';

/** The most statements that one call of the Data API takes. */
const mostStatements = 40;

/**
 * The statements that the partitions need. For a single day it does not read where they point: that
 * query takes longer as the history grows, and setting them again does not.
 */
export async function partitionChanges(
  wanted: readonly DayPartitions[],
  api: DataApi,
): Promise<readonly Statement[]> {
  const found = wanted.length === 1 ? undefined : await readLocations(wanted, api);
  return partitionStatements(wanted, found);
}

/** Outside any transaction, as external DDL requires; safe to repeat. */
export async function setPartitionLocations(
  wanted: readonly DayPartitions[],
  statements: readonly Statement[],
  step: string,
  api: DataApi,
): Promise<void> {
  const days = wanted.map(({ day }) => day);
  for (let start = 0; start < statements.length; start += mostStatements) {
    const submission = {
      name: rangeName(days, step),
      statements: statements.slice(start, start + mostStatements),
      mode: 'AUTO_COMMIT',
    } as const;
    const onEnd = ({ Id, Duration }: DescribeStatementResponse) => {
      for (const { record } of days) noteStatement(record, step, { Id, Duration });
    };
    await api.run({ ...submission, onEnd }, days[0]?.log);
  }
}

/** False when another run has changed a partition of the day since. */
export async function partitionsAreSet(wanted: DayPartitions, api: DataApi): Promise<boolean> {
  return areSet(wanted, (await readLocations([wanted], api)).get(wanted.day.ds));
}

/** By day, in one query. */
async function readLocations(
  wanted: readonly DayPartitions[],
  api: DataApi,
): Promise<ReadonlyMap<string, Locations>> {
  const days = wanted.map(({ day }) => day);
  const query = {
    name: rangeName(days, 'locations'),
    statements: [statement('partition', 'locations')],
    parameters: rangeParameters(days),
    reads: true,
  };
  const rows = await api.ask(query, days[0]?.log);
  const byDay = Map.groupBy(rows, (row) => row['ds'] ?? '');
  return new Map(
    [...byDay].map(([ds, found]) => [
      ds,
      new Map(found.map((row) => [row['tablename'] ?? '', row['location']])),
    ]),
  );
}
