import { describe, expect, it } from 'vitest';
import { Failure } from '@user-behaviour/shared/failure';
import { judgeStep, type StepStatus, UnexplainedFailure } from './step-status.ts';

const clean = { kind: 'clean', name: 'emr-clean/2010-12-01/r1/2-clean' } as const;
const copy = { kind: 'copy', name: 'emr-clean/2010-12-01/r1/1-copy-in' } as const;

function failure(step: typeof clean | typeof copy, status: StepStatus): Failure {
  const verdict = judgeStep(step, status);
  if (!(verdict instanceof Failure)) throw new Error(`expected a failure, not ${verdict}`);
  return verdict;
}

const failed = (Reason: string, Message?: string): StepStatus => ({
  State: 'FAILED',
  FailureDetails: { Reason, Message, LogFile: 's3://logs/j-1/steps/s-1/stderr.gz' },
});

describe('judgeStep', () => {
  it('waits for a live step and ends with a completed one', () => {
    for (const State of ['PENDING', 'RUNNING', 'CANCEL_PENDING']) {
      expect(judgeStep(clean, { State })).toBe('live');
    }
    expect(judgeStep(clean, { State: 'COMPLETED' })).toBe('completed');
  });

  it('treats every other state as a failure, including unknown ones', () => {
    for (const State of ['CANCELLED', 'INTERRUPTED', 'PAUSED', undefined]) {
      const { kind, message } = failure(clean, { State });
      expect(kind).toBe('transient');
      expect(message).toContain(clean.name);
    }
    expect(failure(clean, { State: 'PAUSED' }).message).toContain('unknown state PAUSED');
  });

  it('reports the reason, the message and the log file', () => {
    const { message, action } = failure(clean, failed('Application failed', 'ValueError: no'));
    expect(message).toBe(`step ${clean.name} failed: Application failed: ValueError: no`);
    expect(action).toContain('s3://logs/j-1/steps/s-1/stderr.gz');
    const cancelled = { State: 'CANCELLED', StateChangeReason: { Message: 'by a user' } };
    expect(failure(clean, cancelled).message).toContain('was cancelled: by a user');
  });

  it('shows no value of a row, and where the script failed', () => {
    const text =
      "ValueError: invalid literal for int(): 'secret' (random_text_classification.py, line 12)";
    const { message } = failure(clean, failed('Unknown Error', text));
    expect(message).toContain('Unknown Error: ValueError: invalid literal');
    expect(message).not.toContain('secret');
    const fault =
      'random_text_classification: error: expected one file hdfs:///r/2010-12-01/*/movie.csv, not for 17850';
    expect(failure(clean, failed('Unknown Error', fault)).message).toContain(
      'expected one file hdfs:///r/2010-12-01/*/movie.csv, not for …',
    );
  });

  it('blames the data if the script reports an error', () => {
    for (const message of [
      'spark-submit ended with exit code 65',
      'org.apache.spark.SparkUserAppException: User application exited with 65',
      'random_text_classification: error: expected the first line to be cid,review_str',
      // The script's exit code outweighs words that also occur in cluster trouble.
      'exited with 65: the connection reset review',
    ]) {
      expect(failure(clean, failed('Unknown Error', message)).kind, message).toBe('data');
    }
  });

  it.each<readonly [string, string?]>([
    ['Unknown Error.', 'Application application_1_0001 finished with failed status'],
    ['Unknown Error.'],
    ['Application error', 'Job aborted due to stage failure: Task 3 in stage 1.0 failed 4 times'],
    ['Cluster failure', 'The step failed because the primary node became unreachable'],
    [
      'Unknown Error',
      'Container exited with a non-zero exit code -100. Container released on a *lost* node',
    ],
    [
      'Unknown Error',
      'ExecutorLostFailure: Container from a bad node exited with a non-zero exit code 65',
    ],
    ['Instance failure', 'Provisioning failed: no capacity for m5.xlarge'],
    [
      'Bootstrap failure',
      'On the primary instance, bootstrap action 1 returned a non-zero return code',
    ],
    ['Unknown Error', 'java.lang.OutOfMemoryError: Java heap space'],
    ['Unknown Error', 'Container killed by YARN for exceeding memory limits'],
    ['Unknown Error', 'spark-submit ended with exit code 1'],
    ['Unknown Error', 'User application exited with 643'],
    ['Unknown Error', 'AnalysisException: column x is not there'],
    ['a reason that nobody has seen yet'],
  ])('blames the cluster without a verdict of the script: %s %s', (reason = '', message) => {
    expect(failure(clean, failed(reason, message)).kind).toBe('transient');
  });

  it.each([
    ['Unknown Error.', true],
    ['java.lang.OutOfMemoryError: Java heap space', true],
    ['Container killed by YARN for exceeding memory limits', true],
    ['Container exited with a non-zero exit code 137', true],
    ['Job aborted due to stage failure: Task 3 in stage 1.0 failed 4 times', true],
    ['spark-submit ended with exit code 52', true],
    ['The step failed because the primary node became unreachable', false],
    ['Container exited with a non-zero exit code -100. Container released on a *lost* node', false],
    ['Provisioning failed: no capacity', false],
    ['spark-submit ended with exit code 65', false],
    ['Access Denied (Status Code: 403)', false],
  ])('tells whether a day may be the cause: %s', (message, may) => {
    expect(failure(clean, failed('Failed', message)) instanceof UnexplainedFailure).toBe(may);
    expect(failure(copy, failed('Failed', message))).not.toBeInstanceOf(UnexplainedFailure);
  });

  it('says that a run tries the step once', () => {
    expect(failure(clean, failed('Unknown Error.')).action).toContain('tries the step once');
    expect(failure(clean, { State: 'FAILED' }).kind).toBe('transient');
  });

  it('treats a failed copy as transient, unless access was denied', () => {
    expect(failure(copy, failed('Unknown Error', 'some files were not copied')).kind).toBe(
      'transient',
    );
    const denied = failed('Unknown Error', 'AmazonS3Exception: Access Denied (Status Code: 403)');
    expect(failure(copy, denied).kind).toBe('configuration');
  });
});
