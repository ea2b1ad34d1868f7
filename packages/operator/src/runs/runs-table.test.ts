import { parseDs } from '@user-behaviour/shared/ds';
import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import { expect, it } from 'vitest';
import { runsOutput } from './runs-table.ts';

const ds = parseDs('2010-12-01');

const record = (job: string, end: string, more: object = {}): DayRecord => ({
  job,
  version: '1',
  ds,
  run: 'r',
  status: 'published',
  exit: 0,
  seconds: 99,
  startedAt: `2010-12-02T${end}.000Z`,
  finishedAt: `2010-12-02T${end}.250Z`,
  phases: [],
  ...more,
});

const history = [
  record('extract-purchases', '00:15:00'),
  record('redshift-load', '00:16:00', {
    ...{ status: 'failed', exit: 65, kind: 'data', audit: 'purchases_conserved' },
    ...{ message: 'audit purchases_conserved failed', action: 'see the file' },
    statements: [{ name: 'load-1', id: 'a-1' }, { name: 'lost' }],
  }),
  record('redshift-load', '00:17:00', { status: 'loaded', traceId: 'abc' }),
  record('emr-clean', '00:18:00', { clusterId: 'j-1', steps: [{ id: 's-1' }, { id: 's-2' }] }),
];

it('the history of a day has a line for each run, with why it failed and what to do', () => {
  expect(runsOutput(ds, history).text(undefined)).toMatchInlineSnapshot(`
    "ended                    job                attempt  run  state      exit  seconds  why                                                                        ids
    -----------------------  -----------------  -------  ---  ---------  ----  -------  -------------------------------------------------------------------------  -----------
    2010-12-02 00:15:00 UTC  extract-purchases        1  r    published     0     0.25
    2010-12-02 00:16:00 UTC  redshift-load            1  r    failed       65     0.25  audit purchases_conserved audit purchases_conserved failed → see the file  a-1
    2010-12-02 00:17:00 UTC  redshift-load            2  r    loaded        0     0.25                                                                             abc
    2010-12-02 00:18:00 UTC  emr-clean                1  r    published     0     0.25                                                                             j-1 s-1 s-2"
  `);
});

it('the document has the records and counts the attempts of each job', () => {
  const { runs } = runsOutput(ds, history).json() as { runs: DayRecord[] };
  expect(runs.map(({ attempt }) => attempt)).toEqual([1, 1, 2, 1]);
  expect(runs[1]).toEqual({ ...history[1], attempt: 1 });
});

it('a day of which no record tells says so', () => {
  const none = runsOutput(ds, []);
  expect(none.text(undefined)).toBe('no run of 2010-12-01 has left a record');
  expect(none.json()).toEqual({ ds, runs: [] });
});
