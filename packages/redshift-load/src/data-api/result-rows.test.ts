/** Any reply of GetStatementResult is read or rejected with a Failure, never with a programming error. */
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { readConfiguration } from '@user-behaviour/shared/runner/config';
import { parseDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { DayNotes } from '@user-behaviour/shared/runner/day-record';
import { createLog } from '@user-behaviour/shared/runner/log';
import { completeManifest } from '@user-behaviour/shared/manifest/manifest';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { variables } from '../config.ts';
import { DataApi } from './client.ts';
import { currentLoadSql, planLoad } from '../load/transaction.ts';
import { partitionsAreSet } from '../partitions/partitions.ts';
import { existingLoad, ledgerRows } from '../load/existing-load.ts';
import { summarise } from '../load/summary.ts';
import { prepareWarehouse } from '../load/warehouse.ts';

const configuration = readConfiguration(variables, {
  PIPELINE_BUCKET: 'stages',
  AWS_REGION: 'eu-west-1',
  REDSHIFT_WORKGROUP: 'analytics',
  REDSHIFT_DATABASE: 'dev',
  SPECTRUM_ROLE_ARN: 'arn:aws:iam::123456789012:role/spectrum',
});
const log = createLog('test', 'json', { write: () => undefined }, 'silent');
const ds = parseDs('2010-12-01');
const day = { ds, run: 'r', log, record: new DayNotes() };

function published(dataset: 'user_purchase/stage' | 'movie_review/stage') {
  const draft = {
    dataset,
    ds,
    run: `run-of-${dataset.slice(0, 5)}`,
    job: { name: 'j', version: '1' },
    parameters: { minQuantity: 2 },
    upstream: [],
    files: [],
    startedAt: new Date(0),
    finishedAt: new Date(0),
  };
  return { manifest: completeManifest(draft, 1), etag: '"e"' };
}
const upstreams = {
  purchases: published('user_purchase/stage'),
  reviews: published('movie_review/stage'),
};
const load = planLoad(day, 'stages', upstreams);

/** The real client, with a service that has finished every statement and returns this page. */
function apiOf(page: unknown): DataApi {
  const handle = ({ headers }: { headers: Record<string, string> }) => {
    const result = headers['x-amz-target']?.endsWith('GetStatementResult') === true;
    const answer = result ? page : { Id: 'id-1', Status: 'FINISHED', CreatedAt: 1 };
    const body = Buffer.from(JSON.stringify(answer));
    return Promise.resolve({ response: { statusCode: 200, headers: {}, body } });
  };
  const client = new RedshiftDataClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: { handle },
    maxAttempts: 1,
  });
  return new DataApi(configuration, new AbortController().signal, client);
}

const texts = fc.oneof(
  fc.constantFrom(ds, 'run-of-user_', 'run-of-movie', '1', '0.00000', 'user_purchase_staging'),
  fc.string(),
);
const field = fc.oneof(
  fc.record({ stringValue: texts }),
  fc.record({ longValue: fc.maxSafeInteger() }),
  fc.record({ doubleValue: fc.double({ noNaN: true }) }),
  fc.record({ booleanValue: fc.boolean() }),
  fc.record({ isNull: fc.boolean() }),
  fc.record({ blobValue: fc.base64String() }),
  fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 2 }),
);
const column = fc.record(
  {
    name: fc.oneof(
      fc.constantFrom('ds', 'purchases_run', 'reviews_run', 'metric_rows', 'slice_rows'),
      fc.constantFrom('tablename', 'location', 'schema_name', 'table_name', 'loaded'),
      fc.string(),
    ),
  },
  { requiredKeys: [] },
);
const page = fc.record(
  {
    ColumnMetadata: fc.option(fc.array(column, { maxLength: 12 })),
    Records: fc.option(fc.array(fc.array(field, { maxLength: 12 }))),
    NextToken: fc.constantFrom('', null),
  },
  { requiredKeys: [] },
);

/** Reads what the pages hold. */
async function readOrRefused(read: (api: DataApi) => Promise<unknown>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(page, async (found) => {
      using api = apiOf(found);
      try {
        await read(api);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
      }
    }),
    { numRuns: 100 },
  );
}

it('the ledger’s rows: a day whose row is unclear is loaded again', async () => {
  await readOrRefused(async (api) => {
    const existing = existingLoad((await ledgerRows([day], api)).get(ds), upstreams, 'sql');
    if (existing !== undefined) expect(Number.isFinite(existing.amountSpent)).toBe(true);
  });
});

it('where the partitions point', async () => {
  await readOrRefused(async (api) => {
    expect(typeof (await partitionsAreSet(load, api))).toBe('boolean');
  });
});

it('the objects of the warehouse', async () => {
  const settings = { bucket: 'stages', spectrumRole: 'arn:aws:iam::123456789012:role/spectrum' };
  await readOrRefused((api) => prepareWarehouse(api, settings, 'prepare', log));
});

it('the summary of a load', async () => {
  await readOrRefused(async (api) => {
    const [row = {}] = await api.rows('id-1', 3);
    const { loadSql, ...numbers } = summarise(row, load);
    expect(loadSql).toBe(currentLoadSql());
    expect(Object.values(numbers).every((fact) => typeof fact === 'number')).toBe(true);
  });
});
