import { describe, expect, it } from 'vitest';
import { pipeline } from '../pipeline.ts';
import type { LineageRecord } from './event-datasets.ts';
import { placeOf } from './places.ts';
import { eventsOf, type LineageContext } from './run-events.ts';

const environment = {
  AWS_REGION: 'eu-west-1',
  PIPELINE_BUCKET: 'stages',
  REDSHIFT_DATABASE: 'dev',
  REDSHIFT_WORKGROUP: 'analysts',
  REVIEWS_SOURCE: 's3://vendor/{ds}.csv',
  SOURCE_DATABASE_URL: 'postgres://me:secret@db/shop',
};
const context: LineageContext = {
  namespace: 'user-behaviour',
  placeOf: (dataset) => placeOf(dataset, environment),
};
const times = { startedAt: '2010-12-02T00:15:00.000Z', finishedAt: '2010-12-02T00:16:00.000Z' };
const day = { ds: '2010-12-01', run: 'r1', version: '0.1.0', ...times };
const cleaned: LineageRecord = {
  ...day,
  job: 'emr-clean',
  status: 'published',
  publishedRun: 'r1',
  ...{ rows: 8, rejected: 2, bytes: 900, files: 1 },
  inputs: [{ dataset: 'movie_review/load', run: 'l1', rows: 10, bytes: 1_000, files: 1 }],
};
const loaded: LineageRecord = {
  ...day,
  job: 'redshift-load',
  status: 'loaded',
  rows: 5,
  inputs: [
    { dataset: 'user_purchase/stage', run: 'p1', rows: 20, bytes: 700, files: 2 },
    { dataset: 'movie_review/stage', run: 'r1', rows: 8, bytes: 900, files: 1 },
  ],
  audits: ['moves_forward', 'purchases_conserved', 'reviews_conserved'],
};
const endOf = (record: LineageRecord) => {
  const [, end] = eventsOf(record, context);
  if (end === undefined) throw new Error('no events');
  return end;
};
const assertionsOf = (record: LineageRecord) =>
  endOf(record).inputs.map(({ name, inputFacets }) => {
    const list = inputFacets?.['dataQualityAssertions']?.['assertions'];
    return [
      name,
      ((list ?? []) as { name: string; success: boolean }[]).map(
        (one) => `${one.name} ${one.success}`,
      ),
    ];
  });

describe('the events of a run', () => {
  it('begin and end with the same run, at the times of the record', () => {
    const [start, end] = eventsOf(cleaned, context);
    expect(start).toMatchObject({ eventType: 'START', eventTime: times.startedAt });
    expect(end).toMatchObject({
      eventType: 'COMPLETE',
      eventTime: times.finishedAt,
      job: { namespace: 'user-behaviour', name: 'emr-clean' },
      run: {
        facets: {
          nominalTime: {
            nominalStartTime: '2010-12-01T00:00:00.000Z',
            nominalEndTime: '2010-12-02T00:00:00.000Z',
          },
          processing_engine: { version: '0.1.0' },
        },
      },
    });
    expect(end?.run.runId).toBe(start?.run.runId);
  });

  it('have one id for a job, day and run, and another one otherwise', () => {
    const others: LineageRecord[] = [
      cleaned,
      { ...cleaned, job: 'stage-reviews' },
      { ...cleaned, ds: '2010-12-02' },
      { ...cleaned, run: 'r2' },
    ];
    expect(new Set(others.map((record) => endOf(record).run.runId)).size).toBe(4);
    expect(endOf({ ...cleaned, status: 'unchanged' }).run.runId).toBe(endOf(cleaned).run.runId);
  });

  it('count what was read and written, with the runs as versions', () => {
    const [read] = endOf(cleaned).inputs;
    const [written] = endOf(cleaned).outputs;
    expect(read?.facets['version']).toMatchObject({ datasetVersion: 'l1' });
    expect(read?.inputFacets?.['inputStatistics']).toMatchObject({ rowCount: 10, size: 1_000 });
    expect(written?.facets['version']).toMatchObject({ datasetVersion: 'r1' });
    expect(written?.outputFacets?.['outputStatistics']).toMatchObject({
      ...{ rowCount: 8, size: 900, fileCount: 1 },
    });
    const extracted = endOf({ ...cleaned, job: 'extract-purchases', inputs: undefined });
    expect(extracted.inputs[0]?.inputFacets?.['inputStatistics']).toMatchObject({ rowCount: 10 });
  });

  it.each(['unchanged', 'superseded'] as const)(
    'of a day that is %s have no statistics',
    (status) => {
      const end = endOf({ ...cleaned, status, publishedRun: 'r0' });
      expect(end.eventType).toBe('COMPLETE');
      expect(end.outputs[0]?.facets['version']).toMatchObject({ datasetVersion: 'r0' });
      expect(end.outputs[0]?.outputFacets).toEqual({});
      expect(end.inputs[0]?.inputFacets).toEqual({});
    },
  );

  it('connect the source with the metric by equal names', () => {
    const edges = pipeline.flatMap(({ name: job }) => {
      const { inputs, outputs } = endOf({ ...cleaned, job });
      const name = (one: { namespace: string; name: string }) => `${one.namespace} ${one.name}`;
      return inputs.flatMap((from) => outputs.map((to) => [name(from), name(to)] as const));
    });
    const reached = new Set(['redshift://analysts.eu-west-1:5439 dev.public.user_behavior_metric']);
    for (let size = 0; size < reached.size;) {
      size = reached.size;
      for (const [from, to] of edges) if (reached.has(to)) reached.add(from);
    }
    expect([...reached]).toEqual(
      expect.arrayContaining(['postgres://db:5432 shop.retail.user_purchase', 's3://vendor /']),
    );
    expect(reached.size).toBe(new Set(edges.flat()).size);
  });

  it('name columns of the inputs by the names of the inputs', () => {
    const { inputs, outputs } = endOf(loaded);
    const { fields } = outputs[0]?.facets['columnLineage'] as unknown as {
      fields: Record<string, { inputFields: { namespace: string; name: string; field: string }[] }>;
    };
    expect(fields['amount_spent']?.inputFields.map(({ field }) => field)).toEqual([
      'quantity',
      'unit_price',
    ]);
    const [purchases] = inputs;
    expect(fields['amount_spent']?.inputFields[0]).toMatchObject({
      namespace: purchases?.namespace,
      name: purchases?.name,
    });
  });

  it('name the audits that held at what they judge', () => {
    expect(assertionsOf(loaded)).toEqual([
      ['user_purchase/stage', ['moves_forward true', 'purchases_conserved true']],
      ['movie_review/stage', ['moves_forward true', 'reviews_conserved true']],
    ]);
    expect(assertionsOf({ ...loaded, status: 'unchanged', audits: undefined })).toEqual([
      ['user_purchase/stage', []],
      ['movie_review/stage', []],
    ]);
  });

  it('of a failed day name the audit that failed, the message and no statistics', () => {
    const failed: LineageRecord = {
      ...loaded,
      status: 'failed',
      kind: 'data',
      message: 'audit reviews_conserved failed',
      audit: 'reviews_conserved',
      audits: ['moves_forward', 'purchases_conserved'],
    };
    const end = endOf(failed);
    expect(end.eventType).toBe('FAIL');
    expect(end.run.facets['errorMessage']).toMatchObject({
      message: 'audit reviews_conserved failed',
    });
    expect(assertionsOf(failed)[1]).toEqual([
      'movie_review/stage',
      ['moves_forward true', 'reviews_conserved false'],
    ]);
    expect(end.outputs[0]?.outputFacets).toEqual({});
    expect(end.outputs[0]?.facets['version']).toBeUndefined();
    expect(endOf({ ...failed, kind: 'interrupted' }).eventType).toBe('ABORT');
  });

  it('keep the parent and the root, and the SQL of the load', () => {
    const parent = { namespace: 'airflow', name: 'dag.task', runId: 'an id' };
    const root = { namespace: 'airflow', name: 'dag', runId: 'another' };
    for (const { run, job } of eventsOf(loaded, {
      ...context,
      parents: { parent, root },
      sql: 'insert',
    })) {
      expect(run.facets['parent']).toMatchObject({
        job: { namespace: 'airflow', name: 'dag.task' },
        run: { runId: 'an id' },
        root: { job: { name: 'dag' }, run: { runId: 'another' } },
      });
      expect(job.facets['sql']).toMatchObject({ query: 'insert', dialect: 'redshift' });
    }
    expect(endOf(loaded).run.facets['parent']).toBeUndefined();
  });

  it('name the statement that loaded the day', () => {
    const statements = [
      { name: 'load-1', id: 'first' },
      { name: 'load-2', id: 'second' },
      { name: 'loaded', id: 'other' },
    ];
    expect(endOf({ ...loaded, statements }).run.facets['externalQuery']).toMatchObject({
      ...{ externalQueryId: 'second', source: 'redshift-data' },
    });
    expect(endOf(loaded).run.facets['externalQuery']).toBeUndefined();
  });

  it('are none for a job that is no stage', () => {
    expect(eventsOf({ ...cleaned, job: 'some-job' }, context)).toEqual([]);
  });
});
