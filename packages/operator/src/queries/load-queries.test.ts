import { parseDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { describe, expect, it } from 'vitest';
import { labelsOfLoads, lastLoad, requirePruned } from './load-queries.ts';
import { queriesOutput } from './queries-output.ts';
import { scanCost } from './scan-cost.ts';

const ds = parseDs('2010-12-01');
const row = (change: Readonly<Record<string, string>>) => ({
  label: 'redshift-load/2010-12-01/b/load-1',
  query_id: '12',
  query_type: 'INSERT',
  status: 'success',
  start_time: '2026-01-02 03:04:05.678',
  queue_time: '1500',
  execution_time: '2000499',
  returned_rows: '0',
  query_text: 'insert into purchase_day\n  select 1',
  ...change,
});
const scan = (table: string, read: string) => ({
  table_name: `dev.spectrum.${table}`,
  scanned_files: '2',
  total_partitions: '374',
  qualified_partitions: read,
  rows_from_s3: '1450',
  bytes_from_s3: '99000',
});
const older = row({ label: 'redshift-load/2010-12-01/a/load-1', query_id: '3' });

describe('the queries of a load', () => {
  it('are those of the last one, a query with all its scans, in seconds', () => {
    const load = lastLoad(ds, [
      older,
      row({ query_id: '11', query_type: 'UTILITY', query_text: 'lock t' }),
      row(scan('user_purchase_staging', '1')),
      row(scan('movie_review_clean_stage', '1')),
    ]);
    expect(load).toMatchObject({
      label: 'redshift-load/2010-12-01/b/load-1',
      loads: 2,
      queueSeconds: 0.004,
      runSeconds: 4,
    });
    expect(load.queries.map(({ queryId, scans }) => [queryId, scans.length])).toEqual([
      [11, 0],
      [12, 2],
    ]);
    expect(load.queries[1]).toEqual({
      queryId: 12,
      type: 'INSERT',
      status: 'success',
      startedAt: '2026-01-02T03:04:05.678Z',
      queueSeconds: 0.002,
      runSeconds: 2,
      returnedRows: 0,
      text: 'insert into purchase_day select 1',
      scans: ['user_purchase_staging', 'movie_review_clean_stage'].map((table) => ({
        table: `spectrum.${table}`,
        files: 2,
        partitions: 374,
        partitionsRead: 1,
        rows: 1450,
        bytes: 99_000,
      })),
    });
    expect(() => {
      requirePruned(load);
    }).not.toThrow();
  });

  it('that read more than a partition, or none, are wrong data', () => {
    for (const read of ['374', '0']) {
      const load = lastLoad(ds, [row(scan('user_purchase_staging', read))]);
      expect(() => {
        requirePruned(load);
      }).toThrow(
        expect.objectContaining({
          kind: 'data',
          message: `the load of 2010-12-01 did not read one partition: query 12 read ${read} of 374 partitions of spectrum.user_purchase_staging`,
        }) as Failure,
      );
    }
  });

  it('that the history does not have are wrong data, with what to do', () => {
    expect(() => lastLoad(ds, [])).toThrow(
      expect.objectContaining({
        exit: 65,
        action: expect.stringContaining('sys:monitor') as string,
      }) as Failure,
    );
  });

  it('have a label that other steps of the run do not match', () => {
    expect(labelsOfLoads(ds)).toEqual({
      label: 'redshift-load/2010-12-01/%/load-%',
      label_of_sets: 'redshift-load/days/%/load-%',
    });
  });

  it('may be those of a set that has the day: a partition for each day from its first to its last', () => {
    const label = 'redshift-load/days/2010-11-30..2010-12-02/c/load-1';
    const later = 'redshift-load/days/2010-12-02..2010-12-09/c/load-1';
    const ofSet = (read: string) =>
      lastLoad(ds, [
        row({}),
        row({ ...scan('user_purchase_staging', read), label }),
        row({ label: later }),
      ]);
    for (const read of ['1', '3']) {
      expect(ofSet(read)).toMatchObject({ label, loads: 2 });
      expect(() => {
        requirePruned(ofSet(read));
      }).not.toThrow();
    }
    for (const read of ['0', '4']) {
      expect(() => {
        requirePruned(ofSet(read));
      }).toThrow('did not read 1 to 3 partitions: query 12');
    }
  });
});

describe('the output', () => {
  const load = lastLoad(ds, [
    older,
    row(scan('user_purchase_staging', '1')),
    row(scan('movie_review_clean_stage', '1')),
  ]);

  it('has a line for each query and each further scan, and the sums', () => {
    const text = queriesOutput(load, 'nothing').text(undefined);
    expect(text.split('\n').map((line) => line.trim().replace(/ {2,}/g, ' | '))).toEqual([
      'redshift-load/2010-12-01/b/load-1, the last of 2 loads in the query history',
      '',
      'query | status | queue s | run s | returned | scans | files | partitions | rows from S3 | statement',
      expect.stringMatching(/^-/) as string,
      '12 | success | 0.002 | 2 | 0 | spectrum.user_purchase_staging | 2 | 1 of 374 | 1450 | insert into purchase_day select 1',
      'spectrum.movie_review_clean_stage | 2 | 1 of 374 | 1450',
      '',
      '1 queries: 0.002 s in a queue, 2 s running',
      'cost: nothing',
    ]);
  });

  it('is the same as a document', () => {
    expect(queriesOutput(load, 'nothing').json()).toEqual({ ...load, cost: 'nothing' });
  });
});

describe('the cost', () => {
  it('of a serverless warehouse is not by the byte', () => {
    expect(scanCost({ REDSHIFT_WORKGROUP: 'w' }, 1e12)).toMatch(/^serverless: .*RPU-hours/);
  });

  it('of a provisioned one is at most that of the files, and depends on its nodes', () => {
    const cost = scanCost({ REDSHIFT_CLUSTER_ID: 'c' }, 2e9);
    expect(cost).toContain('at most 0.010000 USD for the 2000000000 bytes');
    expect(cost).toContain('RG nodes scan with their own compute');
    expect(scanCost({ REDSHIFT_CLUSTER_ID: 'c' }, undefined)).not.toContain('at most');
  });
});
