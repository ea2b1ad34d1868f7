import { describe, expect, it } from 'vitest';
import {
  emrEffect,
  namesFromReply,
  postgresEffect,
  redshiftEffect,
  s3Effect,
  secretsManagerEffect,
  reportsEnd,
} from './effect-name.ts';

const s3 = (method: string, url: string, headers = {}) => s3Effect({ method, url, headers }).name;
const file = '/lake/user_purchase/stage/2010-12-01/20101202T001500Z-3f9c2a/x.csv';

describe('a call to S3', () => {
  it.each([
    ['GET', '/lake/a/2010-12-01/_manifest.json?x-id=GetObject', 'GetObject a/{ds}/_manifest.json'],
    ['HEAD', file, 'HeadObject user_purchase/stage/{ds}/{run}/x.csv'],
    ['PUT', file, 'PutObject user_purchase/stage/{ds}/{run}/x.csv'],
    ['POST', `${file}?uploads`, 'CreateMultipartUpload user_purchase/stage/{ds}/{run}/x.csv'],
    [
      'PUT',
      `${file}?partNumber=2&uploadId=u&x-id=UploadPart`,
      'UploadPart 2 user_purchase/stage/{ds}/{run}/x.csv',
    ],
    ['POST', `${file}?uploadId=u`, 'CompleteMultipartUpload user_purchase/stage/{ds}/{run}/x.csv'],
    ['DELETE', `${file}?uploadId=u`, 'AbortMultipartUpload user_purchase/stage/{ds}/{run}/x.csv'],
    ['GET', '/lake?list-type=2&prefix=a%2F2010-12-01%2Fr1%2F', 'ListObjectsV2 a/{ds}/{run}/'],
    ['PUT', '/lake/runs/a/20101202T001500Z-3f9c2a.jsonl', 'PutObject runs/a/{run}.jsonl'],
    [
      'PUT',
      '/lake/runs/a/same.20101202T001500Z-3f9c2a.jsonl',
      'PutObject runs/a/{run}.{process}.jsonl',
    ],
    ['POST', '/lake?delete', 'DeleteObjects'],
    ['DELETE', '/lake/a/2010-12-01/_lease.json', 'DeleteObject a/{ds}/_lease.json'],
    ['GET', `/lake/scripts/${'0f'.repeat(32)}/label.py`, 'GetObject scripts/{sha256}/label.py'],
    [
      'GET',
      '/lake/a/2010-12-01/r1/part-00000-4f-c000.snappy.parquet',
      'GetObject a/{ds}/{run}/part-*.parquet',
    ],
  ])('%s %s is named by its operation and key', (method, url, name) => {
    expect(s3(method, url)).toBe(`s3 ${name}`);
  });

  it('has its condition in its name', () => {
    expect(s3('PUT', '/lake/a/2010-12-01/_lease.json', { 'if-none-match': '*' })).toBe(
      's3 PutObject a/{ds}/_lease.json if-none-match',
    );
  });
});

it('a call to Secrets Manager is named by its operation, without the secret', () => {
  expect(secretsManagerEffect('secretsmanager.GetSecretValue')).toEqual({
    name: 'secretsmanager GetSecretValue',
    poll: false,
  });
});

describe('a call about a statement or a step', () => {
  it('to Redshift is named by the statement that the id stands for', () => {
    const request = JSON.stringify({ StatementName: 'redshift-load/2010-12-01/r1/load-1' });
    const names = new Map(namesFromReply(request, JSON.stringify({ Id: 'i' })));
    expect(redshiftEffect('RedshiftData.ExecuteStatement', request, names).name).toBe(
      'redshift-data ExecuteStatement load-1',
    );
    expect(
      redshiftEffect('RedshiftData.DescribeStatement', JSON.stringify({ Id: 'i' }), names),
    ).toEqual({ name: 'redshift-data DescribeStatement load-1', poll: true });
    expect(
      redshiftEffect('RedshiftData.GetStatementResult', JSON.stringify({ Id: 'i:3' }), names),
    ).toEqual({ name: 'redshift-data GetStatementResult load-1', poll: false });
  });

  it('to EMR is named by the step that the id stands for', () => {
    const request = JSON.stringify({ Steps: [{ Name: 'emr-clean/2010-12-01/r1/2-clean' }] });
    const names = new Map(namesFromReply(request, JSON.stringify({ StepIds: ['s-1'] })));
    expect(emrEffect('ElasticMapReduce.AddJobFlowSteps', request, names).name).toBe(
      'emr AddJobFlowSteps 2-clean',
    );
    expect(emrEffect('E.DescribeStep', JSON.stringify({ StepId: 's-1' }), names)).toEqual({
      name: 'emr DescribeStep 2-clean',
      poll: true,
    });
    expect(emrEffect('E.ListSteps', '{}', names).name).toBe('emr ListSteps all');
  });

  it('shows in its reply whether the statement or step has ended', () => {
    expect(reportsEnd('{"Status":"STARTED"}')).toBe(false);
    expect(reportsEnd('{"Status":"FINISHED"}')).toBe(true);
    expect(reportsEnd('{"Step":{"Status":{"State":"RUNNING"}}}')).toBe(false);
    expect(reportsEnd('{"Step":{"Status":{"State":"COMPLETED"}}}')).toBe(true);
  });
});

describe('a statement to PostgreSQL', () => {
  it.each([
    ['begin isolation level repeatable read;\n select 1', 'begin'],
    ["COPY (select '2010-12-01') TO STDOUT", 'copy'],
    ["-- which\nselect  x from y where d = '2010-12-01'", "select x from y where d = '{ds}'"],
  ])('%j is named by its first words', (sql, name) => {
    expect(postgresEffect(sql).name).toBe(`postgres ${name}`);
  });
});
