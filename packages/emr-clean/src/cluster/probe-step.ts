/** A health check that runs one real step: it copies an object within the bucket. */
import { randomBytes } from 'node:crypto';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import type { Bucket as BucketAccess } from '@user-behaviour/shared/s3/list-objects';
import { type CheckResult, withCleanup } from '@user-behaviour/shared/runner/health-checks';
import { Failure } from '@user-behaviour/shared/failure';
import { probePrefix, s3Uri } from '@user-behaviour/shared/keys';
import { waitFor } from '@user-behaviour/shared/waiting';
import type { EmrCluster } from './emr.ts';
import { emrFailure } from './errors.ts';
import { judgeStep } from './step-status.ts';
import type { Step } from './steps.ts';

/** Milliseconds that the step may take; a health check as a whole may take a minute. */
const defaultTimeout = 40_000;

interface Probe extends BucketAccess {
  readonly cluster: EmrCluster;
  readonly timeout?: number;
}

/**
 * Adds the step, polls it and cancels it, which EMR ignores once the step has ended. That exercises
 * the job's rights on steps and the cluster's rights on the bucket. Only the entry in the list of
 * steps remains.
 */
export async function runProbeStep(probe: Probe): Promise<CheckResult> {
  const { s3, bucket: Bucket } = probe;
  const folder = `${probePrefix('movie_review/stage')}${randomBytes(6).toString('hex')}/`;
  const [source, copy] = [`${folder}in/probe`, `${folder}out/probe`];
  const remove = (Key: string) =>
    attempt(`delete ${s3Uri(Bucket, Key)}`, () =>
      s3.send(new DeleteObjectCommand({ Bucket, Key })),
    );
  await attempt(`write ${s3Uri(Bucket, source)}`, () =>
    s3.send(new PutObjectCommand({ Bucket, Key: source, Body: 'probe' })),
  );
  return withCleanup(
    () => copyByStep(probe, folder),
    () => Promise.all([source, copy].map(remove)),
  );
}

async function copyByStep(
  { bucket, cluster, timeout = defaultTimeout }: Probe,
  folder: string,
): Promise<CheckResult> {
  const step: Step = {
    kind: 'copy',
    name: `emr-clean/doctor/${folder.split('/').at(-2) ?? ''}`,
    args: [
      's3-dist-cp',
      `--src=${s3Uri(bucket, `${folder}in/`)}`,
      `--dest=${s3Uri(bucket, `${folder}out/`)}`,
    ],
  };
  const id = await cluster.addStep(step).catch((error: unknown) => {
    throw emrFailure(`add a step to cluster ${cluster.id}`, cluster, error);
  });
  const poll = async () => {
    const remote = await cluster.describeStep(id);
    const verdict = remote === undefined ? 'live' : judgeStep(step, remote.status);
    return verdict === 'live' ? undefined : verdict;
  };
  const signal = new AbortController().signal;
  const verdict = await waitFor(poll, { signal, timeout, maxPause: 2_000 });
  await cluster.cancelSteps([id]);
  if (verdict instanceof Failure) throw verdict;
  if (verdict === 'completed') {
    return { found: 'added a step, which copied an object within the bucket' };
  }
  return {
    found: `added a step, which did not end within ${String(timeout / 1_000)} s and was cancelled`,
    advice:
      'run doctor again when the cluster is less busy: its rights on the bucket were not checked',
  };
}
