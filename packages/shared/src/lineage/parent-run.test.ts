import { expect, it } from 'vitest';
import { parentsOf } from './parent-run.ts';

const runId = '01933e5c-7b1a-7c3e-8f0d-2b1c4d5e6f70';
const rootId = '01933e5c-0000-7000-8000-000000000001';

function parents(environment: Readonly<Record<string, string>>) {
  const complaints: string[] = [];
  return { found: parentsOf(environment, (text) => complaints.push(text)), complaints };
}

it('is read with the first of the chain; a namespace may have slashes', () => {
  const OPENLINEAGE_PARENT_ID = `airflow://prod/a/user_behaviour.emr_clean/${runId}`;
  expect(parents({ OPENLINEAGE_PARENT_ID })).toEqual({
    found: { parent: { namespace: 'airflow://prod/a', name: 'user_behaviour.emr_clean', runId } },
    complaints: [],
  });
  const OPENLINEAGE_ROOT_PARENT_ID = `airflow/user_behaviour/${rootId}`;
  expect(parents({ OPENLINEAGE_PARENT_ID, OPENLINEAGE_ROOT_PARENT_ID }).found).toMatchObject({
    root: { namespace: 'airflow', name: 'user_behaviour', runId: rootId },
  });
});

it.each(['airflow/dag', `dag/${runId}`, 'airflow/dag/manual__2010-12-01', '//'])(
  'is left out and told of if it is %j',
  (text) => {
    const { found, complaints } = parents({ OPENLINEAGE_PARENT_ID: text });
    expect(found).toBeUndefined();
    expect(complaints).toEqual([
      'OPENLINEAGE_PARENT_ID is ignored: expected namespace/job/run id, with a UUID',
    ]);
  },
);

it('is missing without a variable, or with an empty one', () => {
  expect(parents({})).toEqual({ found: undefined, complaints: [] });
  expect(parents({ OPENLINEAGE_PARENT_ID: '' })).toEqual({ found: undefined, complaints: [] });
});
