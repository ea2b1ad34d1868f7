/** `operator show`: what there is of a day, stage by stage, with its first rows. */
import { parseDs } from '@user-behaviour/shared/ds';
import { asFailure, mostSevere } from '@user-behaviour/shared/failure';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { Argv } from 'yargs';
import { operatorConfiguration } from '../config.ts';
import { jsonOption } from '../output.ts';
import { parseRowCount } from '../row-count.ts';
import type { Shell } from '../shell.ts';
import { type Section, sectionsOutput } from './section.ts';
import { selectStages } from './stages.ts';
import { requireLocalCloud } from '../world/world.ts';

export function showCommand(cli: Argv, shell: Shell): Argv {
  return cli.command(
    'show',
    'what there is of a day, stage by stage, with its first rows',
    (options) =>
      options
        .option('ds', { type: 'string', demandOption: true })
        .option('stage', { type: 'string', describe: 'only this one' })
        .option('rows', { type: 'string', default: '5', describe: 'rows of each stage' })
        .option('wide', { type: 'boolean', default: false, describe: 'cut nothing' })
        .options(jsonOption),
    async ({ ds, stage, rows, wide }) => {
      const stages = selectStages(stage);
      const day = parseDs(ds, shell.optionName('ds'));
      const count = parseRowCount(rows);
      await requireLocalCloud(shell.env, 'every');
      const configuration = operatorConfiguration(shell.env);
      const s3 = createS3Client(configuration);
      const where = { s3, bucket: configuration.PIPELINE_BUCKET };
      const look = { ds: day, rows: count, configuration, environment: shell.env, where };
      try {
        const sections = await Promise.all(
          stages.map(async ({ name, read }): Promise<Section> => {
            try {
              return await read(look);
            } catch (error) {
              return { stage: name, where: 'cannot be read', failure: asFailure(error) };
            }
          }),
        );
        shell.print(sectionsOutput(day, where.bucket, sections, { wide }));
        const failures = sections.flatMap(({ failure }) =>
          failure === undefined ? [] : [failure],
        );
        shell.end(mostSevere(failures)?.exit ?? 0);
      } finally {
        s3.destroy();
      }
    },
  );
}
