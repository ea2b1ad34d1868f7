import { currentLoadSql } from '@user-behaviour/redshift-load/load/transaction';
import { parseDs } from '@user-behaviour/shared/ds';
import type { LineageRecord } from '@user-behaviour/shared/lineage/event-datasets';
import { placeOf } from '@user-behaviour/shared/lineage/places';
import { eventsOf } from '@user-behaviour/shared/lineage/run-events';
import type { Manifest } from '@user-behaviour/shared/manifest/manifest';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import { faultsOfEvent } from '@user-behaviour/testkit/lineage-schemas';
import { describe, expect, it } from 'vitest';
import { publishedRuns } from './published-runs.ts';

const ds = parseDs('2010-12-01');
const environment = {
  AWS_REGION: 'eu-west-1',
  PIPELINE_BUCKET: 'stages',
  REDSHIFT_DATABASE: 'dev',
  REDSHIFT_WORKGROUP: 'analysts',
  REVIEWS_SOURCE: 's3://vendor/{ds}.csv',
  SOURCE_DATABASE_URL: 'postgres://me:secret@db/shop',
  SPECTRUM_ROLE_ARN: 'arn:aws:iam::123456789012:role/spectrum',
};
const runId = '01933e5c-7b1a-7c3e-8f0d-2b1c4d5e6f70';
const context = {
  namespace: 'user-behaviour',
  placeOf: (dataset: string) => placeOf(dataset, environment),
  parents: {
    parent: { namespace: 'airflow', name: 'user_behaviour.emr_clean', runId },
    root: { namespace: 'airflow', name: 'user_behaviour', runId },
  },
};

function manifest(dataset: Dataset, job: string, run: string, upstream: Manifest['upstream'] = []) {
  const totals = { files: 1, bytes: 900, rows: 8, rejected: 2 };
  const value: Manifest = {
    ...{ version: 1, dataset, ds, run, generation: 1, job: { name: job, version: '0.1.0' } },
    ...{ parameters: {}, upstream, files: [], totals, rejected: {} },
    startedAt: '2010-12-02T00:15:00.000Z',
    finishedAt: '2010-12-02T00:16:00.000Z',
  };
  return [dataset, { manifest: value, etag: 'e' }] as const;
}

const staged = {
  ...{ key: 'movie_review/load/2010-12-01/_manifest.json', etag: 'e', run: 'l1', generation: 1 },
};
const published = new Map([
  manifest('user_purchase/stage', 'extract-purchases', 'p1'),
  manifest('movie_review/load', 'stage-reviews', 'l1'),
  manifest('movie_review/stage', 'emr-clean', 'c1', [staged]),
]);
const ledger = {
  ...{ purchasesRun: 'p1', reviewsRun: 'c0', rows: 5, amountSpent: '3.00', minQuantity: 2 },
  ...{ loadedAt: '2010-12-02 00:20:00', loadSql: currentLoadSql(), whole: true },
  completeUntil: null,
};
const day = { ds, published, ledger };
const all = publishedRuns(day, 'w1');
const load = all.find(({ job }) => job === 'redshift-load');

describe('the runs of a day', () => {
  it('are those of the manifests and of the ledger', () => {
    expect(all.map(({ job, run, status }) => [job, run, status])).toEqual([
      ['extract-purchases', 'p1', 'published'],
      ['stage-reviews', 'l1', 'published'],
      ['emr-clean', 'c1', 'published'],
      ['redshift-load', 'w1', 'loaded'],
    ]);
  });

  it('count what was read only if it is still published', () => {
    expect(load?.['inputs']).toEqual([
      { dataset: 'user_purchase/stage', run: 'p1', rows: 8, bytes: 900, files: 1 },
      { dataset: 'movie_review/stage', run: 'c0' },
    ]);
  });

  it('name the audits only if the SQL of this release loaded the day', () => {
    expect(load?.['audits']).toContain('one_row_per_customer');
    const other = publishedRuns({ ...day, ledger: { ...ledger, loadSql: null } }, 'w1').at(-1);
    expect(other?.['audits']).toBeUndefined();
  });

  it('are missing where nothing is published or loaded', () => {
    expect(publishedRuns({ ds, published: new Map(), ledger: undefined }, undefined)).toEqual([]);
    expect(publishedRuns(day, undefined)).toHaveLength(3);
  });
});

/** What a job's own record may end as. */
const ends: readonly Partial<LineageRecord>[] = [
  {},
  { statements: [{ name: 'load-1', id: '01933e5c' }] },
  { status: 'unchanged' },
  { status: 'superseded' },
  { status: 'failed', kind: 'data', message: 'wrong', audit: 'reviews_conserved' },
  { status: 'failed', kind: 'interrupted' },
];

describe('the schemas of OpenLineage', () => {
  it.each(all.flatMap((record) => ends.map((end) => [record.job, end, record] as const)))(
    'take the events of %s with %j',
    (_job, end, record) => {
      const events = eventsOf({ ...record, ...end }, { ...context, sql: 'insert into t select 1' });
      expect(events).toHaveLength(2);
      for (const event of events) expect(faultsOfEvent(event)).toEqual([]);
    },
  );

  const [, end] = load === undefined ? [] : eventsOf(load, context);
  const broken = (path: readonly (string | number)[], value: unknown): object => {
    const copy = structuredClone(end) as unknown as Record<string | number, unknown>;
    let at = copy;
    for (const step of path.slice(0, -1)) at = at[step] as typeof at;
    at[path.at(-1) ?? ''] = value;
    return copy;
  };

  it.each([
    [['run', 'runId'], '20101202T001500Z-3f9c2a', 'event/run/runId: must match format "uuid"'],
    [['eventTime'], 'yesterday', 'event/eventTime: must match format "date-time"'],
    [['eventType'], 'DONE', 'event/eventType: must be equal to one of the allowed values'],
    [['schemaURL'], 'https://openlineage.io/spec/9-0-0/OpenLineage.json', 'event: no schema'],
    [
      ['inputs', 0, 'inputFacets', 'dataQualityAssertions', 'assertions', 0, 'success'],
      'yes',
      'dataQualityAssertions/dataQualityAssertions/assertions/0/success: must be boolean',
    ],
    [
      ['outputs', 0, 'outputFacets', 'outputStatistics', 'rowCount'],
      'many',
      'outputStatistics/outputStatistics/rowCount: must be integer',
    ],
    [['run', 'facets', 'nominalTime', '_schemaURL'], 'x:y', 'nominalTime: no schema x:y'],
    [['run', 'facets', 'parent', 'run'], {}, "must have required property 'runId'"],
    [
      ['outputs', 0, 'facets', 'columnLineage', 'fields', 'amount_spent'],
      {},
      "must have required property 'inputFields'",
    ],
  ])('refuse %j: %j', (path, value, fault) => {
    const faults = faultsOfEvent(broken(path, value)).join('\n');
    expect(faults).toContain(fault);
  });

  it('refuse a facet in a place that is not its own', () => {
    const assertions = end?.inputs[0]?.inputFacets?.['dataQualityAssertions'];
    expect(assertions).toBeDefined();
    const faults = faultsOfEvent(
      broken(['outputs', 0, 'facets', 'dataQualityAssertions'], assertions),
    );
    expect(faults).toContain('dataQualityAssertions is no DatasetFacet');
  });
});
