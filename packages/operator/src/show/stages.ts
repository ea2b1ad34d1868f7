/** The stages that `show` knows, in the order of the data: those of the pipeline, and the tables around them. */
import { Failure } from '@user-behaviour/shared/failure';
import { isDataset, pipeline } from '@user-behaviour/shared/pipeline';
import type { DayLook } from './day-look.ts';
import { showDataset } from './published-dataset.ts';
import { showRejects } from './rejected-rows.ts';
import type { Section } from './section.ts';
import { showSource } from './source-rows.ts';
import { showSpectrum, showTable } from './warehouse-tables.ts';

interface ShownStage {
  readonly name: string;
  readonly read: (look: DayLook) => Promise<Section>;
}

const stage = (
  name: string,
  read: (name: string, look: DayLook) => Promise<Section>,
): ShownStage => ({ name, read: (look) => read(name, look) });

/** A dataset is named after its rows, e.g. `cleaned-reviews`. */
export const stageName = (rows: string): string => rows.replaceAll(' ', '-');

const metric = { table: 'user_behavior_metric', day: 'insert_date' };
const ledger = { table: 'user_behavior_metric_load', day: 'ds' };

export const metricStage = 'metric';

const shownStages: readonly ShownStage[] = [
  stage('source', showSource),
  ...pipeline.flatMap(({ rows, writes }) =>
    isDataset(writes)
      ? [stage(stageName(rows), (name, look) => showDataset(name, writes, look))]
      : [],
  ),
  stage('rejects', showRejects),
  stage('spectrum', showSpectrum),
  stage(metricStage, (name, look) => showTable(name, metric, look)),
  stage('ledger', (name, look) => showTable(name, ledger, look)),
];

/** The named stage, or all of them. @throws a usage failure for an unknown name. */
export function selectStages(name: string | undefined): readonly ShownStage[] {
  if (name === undefined) return shownStages;
  const found = shownStages.filter((one) => one.name === name);
  if (found.length > 0) return found;
  const names = shownStages.map((one) => one.name).join(', ');
  throw new Failure('usage', `STAGE must be one of ${names}, not ${JSON.stringify(name)}`);
}
