/** One step done for real before the first run: it copies an object of the bucket to another of its keys. */
import { randomBytes } from 'node:crypto';
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { type Seen, undoneAfter } from '@user-behaviour/shared/runner/health-checks';
import { Failure } from '@user-behaviour/shared/failure';
import { s3Uri, trialPrefix } from '@user-behaviour/shared/keys';
import { waitFor } from '@user-behaviour/shared/waiting';
import type { EmrCluster } from './emr.ts';
import { emrFailure } from './errors.ts';
import { judgeStep } from './step-status.ts';
import type { Step } from './steps.ts';

/** Milliseconds that the step may take; a check as a whole has a minute. */
const patience = 40_000;

interface Trial {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly cluster: EmrCluster;
  readonly limit?: number;
}

/**
 * Adds the step, follows it and asks to cancel it, which an ended one does not mind; then the rights of
 * the job on steps, and of the cluster on the bucket, have all been seen. Nothing stays but the step's line.
 */
export async function tryStep(trial: Trial): Promise<Seen> {
  const { s3, bucket: Bucket } = trial;
  const folder = `${trialPrefix('movie_review/stage')}${randomBytes(6).toString('hex')}/`;
  const written = [`${folder}in/trial`, `${folder}out/trial`] as const;
  const remove = (Key: string) =>
    attempt(`remove ${s3Uri(Bucket, Key)}`, () =>
      s3.send(new DeleteObjectCommand({ Bucket, Key })),
    );
  await attempt(`write ${s3Uri(Bucket, written[0])}`, () =>
    s3.send(new PutObjectCommand({ Bucket, Key: written[0], Body: 'trial' })),
  );
  return undoneAfter(
    () => copyByStep(trial, folder),
    () => Promise.all(written.map(remove)),
  );
}

async function copyByStep(
  { bucket, cluster, limit = patience }: Trial,
  folder: string,
): Promise<Seen> {
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
    throw emrFailure(`add a step to cluster ${cluster.id}`, cluster.id, error);
  });
  const look = async () => {
    const remote = await cluster.describeStep(id);
    const verdict = remote === undefined ? 'live' : judgeStep(step, remote.status);
    return verdict === 'live' ? undefined : verdict;
  };
  const signal = new AbortController().signal;
  const end = await waitFor(look, { signal, limit, most: 2_000 });
  await cluster.cancelSteps([id]);
  if (end instanceof Failure) throw end;
  if (end === 'completed')
    return { found: 'one was added, followed, and copied within the bucket' };
  return {
    found: `one was added and, not over after ${String(limit / 1_000)} s, cancelled`,
    advice:
      'doctor again when the cluster has less to do: whether it may read and write the bucket was not seen',
  };
}
