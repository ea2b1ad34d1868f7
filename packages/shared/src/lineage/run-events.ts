/**
 * OpenLineage's events of the runs of days (spec 2-0-2): START, and COMPLETE, FAIL or ABORT. A dataset is the folder
 * or the table, with the run that made it as its version, not a dataset a day. Pure.
 */
import { nextDs, parseDs } from '../ds.ts';
import { pipeline, type Stage } from '../pipeline.ts';
import {
  bareDataset,
  type EventDataset,
  inputDataset,
  type LineageRecord,
  outputDataset,
  readsOf,
} from './event-datasets.ts';
import { type Facets, facets, producer } from './facets.ts';
import type { Parents, ParentRun } from './parent-run.ts';
import type { Place } from './places.ts';
import { runUuid } from './run-uuid.ts';

export interface LineageContext {
  /** Of the jobs. */
  readonly namespace: string;
  readonly placeOf: (dataset: string) => Place;
  readonly parents?: Parents | undefined;
  /** The statement of the warehouse that makes the rows. */
  readonly sql?: string | undefined;
}

export interface RunEvent {
  readonly eventType: 'START' | 'COMPLETE' | 'FAIL' | 'ABORT';
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: { readonly runId: string; readonly facets: Facets };
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Facets };
  readonly inputs: readonly EventDataset[];
  readonly outputs: readonly EventDataset[];
}

/** START and the end of one day's run. None for a job that pipeline.ts does not know. */
export function eventsOf(record: LineageRecord, context: LineageContext): readonly RunEvent[] {
  const stage: Stage | undefined = pipeline.find(({ name }) => name === record.job);
  if (stage === undefined) return [];
  const { placeOf } = context;
  const reads = readsOf(stage);
  const common = {
    producer,
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
    run: { runId: runIdOf(record, context), facets: runFacets(record, context) },
    job: { namespace: context.namespace, name: stage.name, facets: jobFacets(context) },
  };
  return [
    {
      ...{ eventType: 'START', eventTime: record.startedAt, ...common },
      inputs: reads.map((dataset) => bareDataset(dataset, placeOf)),
      outputs: [bareDataset(stage.writes, placeOf)],
    },
    {
      ...{ eventType: endOf(record), eventTime: record.finishedAt, ...common },
      run: { ...common.run, facets: { ...common.run.facets, ...errorFacet(record) } },
      inputs: reads.map((dataset) => inputDataset(dataset, record, placeOf)),
      outputs: [outputDataset(stage.writes, record, placeOf)],
    },
  ];
}

/** The same for the same job, day and run, whoever makes the event. */
const runIdOf = ({ job, ds, run }: LineageRecord, { namespace }: LineageContext): string =>
  runUuid([namespace, job, ds, run].join('/'));

function endOf({ status, kind }: LineageRecord): RunEvent['eventType'] {
  if (status !== 'failed') return 'COMPLETE';
  return kind === 'interrupted' ? 'ABORT' : 'FAIL';
}

function runFacets(
  { ds, version, statements }: LineageRecord,
  { parents }: LineageContext,
): Facets {
  return facets({
    nominalTime: {
      nominalStartTime: `${ds}T00:00:00.000Z`,
      nominalEndTime: `${nextDs(parseDs(ds))}T00:00:00.000Z`,
    },
    processing_engine:
      version === undefined ? undefined : { name: 'user-behaviour-pipeline', version },
    externalQuery: queryOfLoad(statements),
    parent: parents && {
      ...reference(parents.parent),
      ...(parents.root && { root: reference(parents.root) }),
    },
  });
}

/** The last statement of the Data API that loads the day (the fact `statements` of a record). */
function queryOfLoad(statements: unknown) {
  const all = Array.isArray(statements) ? (statements as { name: string; id: string }[]) : [];
  const load = all.findLast(({ name }) => name.startsWith('load-'));
  return load && { externalQueryId: load.id, source: 'redshift-data' };
}

const reference = ({ namespace, name, runId }: ParentRun) => ({
  run: { runId },
  job: { namespace, name },
});

const errorFacet = ({ status, message }: LineageRecord): Facets =>
  facets({
    errorMessage:
      status === 'failed'
        ? { message: message ?? 'the run failed', programmingLanguage: 'TypeScript' }
        : undefined,
  });

const jobFacets = ({ sql }: LineageContext): Facets =>
  facets({
    jobType: { processingType: 'BATCH', integration: 'USER_BEHAVIOUR', jobType: 'JOB' },
    sql: sql === undefined ? undefined : { query: sql, dialect: 'redshift' },
  });
