/** `operator queries`: what the warehouse did for the last load of a day, by its own monitoring. */
import { namedRows } from '@user-behaviour/redshift-load/data-api/result';
import { statement } from '@user-behaviour/redshift-load/data-api/sql';
import { type Ds, parseDs } from '@user-behaviour/shared/ds';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { stageOf } from '@user-behaviour/shared/pipeline';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { Argv } from 'yargs';
import { type OperatorConfiguration, operatorConfiguration } from '../config.ts';
import { queryWarehouse } from '../facts/warehouse-query.ts';
import { jsonOption } from '../output.ts';
import type { Shell } from '../shell.ts';
import { labelsOfLoads, lastLoad, requirePruned } from './load-queries.ts';
import { queriesOutput } from './queries-output.ts';
import { scanCost } from './scan-cost.ts';

export function queriesCommand(cli: Argv, shell: Shell): Argv {
  return cli.command(
    'queries',
    'what the warehouse did for the last load of a day: times, files, partitions',
    (options) => options.option('ds', { type: 'string', demandOption: true }).options(jsonOption),
    async ({ ds: typed }) => {
      const ds = parseDs(typed, shell.optionName('ds'));
      const configuration = operatorConfiguration(shell.env);
      const report = statement('report', 'queries_of_day');
      const found = await queryWarehouse(configuration, report, labelsOfLoads(ds));
      const load = lastLoad(ds, namedRows(found));
      const { REDSHIFT_CLUSTER_ID } = configuration;
      const bytes =
        REDSHIFT_CLUSTER_ID === undefined ? undefined : await bytesOf(ds, configuration);
      shell.print(queriesOutput(load, scanCost(configuration, bytes)));
      requirePruned(load);
    },
  );
}

/** Of the day's published files that a load reads; undefined if one of its manifests is missing. */
async function bytesOf(ds: Ds, configuration: OperatorConfiguration): Promise<number | undefined> {
  const s3 = createS3Client(configuration);
  try {
    const store = new ManifestStore(s3, configuration.PIPELINE_BUCKET);
    const { reads } = stageOf('redshift-load');
    const published = await Promise.all(reads.map((dataset) => store.read(dataset, ds)));
    return published.reduce<number | undefined>(
      (sum, one) =>
        sum === undefined || one === undefined ? undefined : sum + one.manifest.totals.bytes,
      0,
    );
  } finally {
    s3.destroy();
  }
}
