/** `operator runs`: what the records of runs say about a day. */
import { parseDs } from '@user-behaviour/shared/ds';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { Argv } from 'yargs';
import { operatorConfiguration } from '../config.ts';
import { requireBucket } from '../facts/inventory.ts';
import { readRunRecords } from '../facts/run-records.ts';
import { jsonOption } from '../output.ts';
import type { Shell } from '../shell.ts';
import { requireLocalCloud } from '../world/world.ts';
import { runsOutput } from './runs-table.ts';

export function runsCommand(cli: Argv, { env, print, report, optionName }: Shell): Argv {
  return cli.command(
    'runs',
    'every run of a day that a record tells of, oldest first',
    (options) => options.option('ds', { type: 'string', demandOption: true }).options(jsonOption),
    async (given) => {
      const ds = parseDs(given.ds, optionName('ds'));
      const configuration = operatorConfiguration(env);
      const { AWS_ENDPOINT_URL_S3, PIPELINE_BUCKET: bucket } = configuration;
      await requireLocalCloud({ AWS_ENDPOINT_URL_S3 });
      const s3 = createS3Client(configuration);
      try {
        await requireBucket({ s3, bucket });
        print(runsOutput(ds, await readRunRecords({ s3, bucket }, { from: ds, to: ds }, report)));
      } finally {
        s3.destroy();
      }
    },
  );
}
