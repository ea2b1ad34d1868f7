/** Checks the job's permissions on the bucket by making each call on a separate key. */
import { randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { attempt, awsErrorName, awsFailure, httpStatus } from './aws-errors.ts';
import { type CheckResult, type HealthCheck, isAbandoned } from '../runner/health-checks.ts';
import { Failure } from '../failure.ts';
import { type Folder, probePrefix, s3Uri } from '../keys.ts';
import { listObjects } from './list-objects.ts';
import type { Dataset } from '../pipeline.ts';

/** Milliseconds between this host's clock and S3's that cause a warning or a failure. */
const skewToWarn = 2_000;
const skewToFail = 60_000;

/** Checks listing, what S3 says of a missing key, and the clock. */
export function readingChecks(s3: S3Client, bucket: string, dataset: Folder): HealthCheck[] {
  const uri = s3Uri(bucket, `${dataset}/`);
  return [
    {
      name: `bucket: list ${dataset}`,
      run: () =>
        attempt(`list ${uri}`, async () => {
          const { KeyCount = 0 } = await s3.send(
            new ListObjectsV2Command({ Bucket: bucket, Prefix: `${dataset}/`, MaxKeys: 1 }),
          );
          return { found: KeyCount === 0 ? 'empty' : 'not empty' };
        }),
    },
    {
      name: `bucket: missing key ${dataset}`,
      run: () => checkMissingKey(s3, bucket, dataset),
    },
    { name: 'clock', run: () => checkClock(s3, bucket, `${dataset}/`) },
  ];
}

/**
 * S3 says that a key does not exist only to who may list the bucket without a condition; to others it says that
 * reading is forbidden, and a day that is not published yet would look like a missing right.
 */
async function checkMissingKey(
  s3: S3Client,
  bucket: string,
  dataset: Folder,
): Promise<CheckResult> {
  // The only file names that every job may read.
  const Key = `${probePrefix(dataset)}${randomBytes(6).toString('hex')}/_manifest.json`;
  try {
    await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
  } catch (error) {
    if (awsErrorName(error) === 'NoSuchKey') return { found: 'S3 says that it does not exist' };
    const failure = awsFailure(`look for ${s3Uri(bucket, Key)}`, error);
    if (httpStatus(error) !== 403 || failure.message.includes('s3:GetObject')) throw failure;
    throw new Failure('configuration', failure.message, {
      cause: error,
      action:
        'grant s3:ListBucket on the whole bucket, without a condition on the prefix: see docs/contract.md, Rights',
    });
  }
  throw new Failure('configuration', `${s3Uri(bucket, Key)} exists; expected no object`);
}

/** Checks everything that writing needs under `{folder}/doctor/`, and removes the probe. */
export function writingChecks(s3: S3Client, bucket: string, folder: Folder): HealthCheck[] {
  const Key = `${probePrefix(folder)}${randomBytes(6).toString('hex')}/trial`;
  const where = { Bucket: bucket, Key };
  const put = (condition: { IfNoneMatch: string } | { IfMatch: string }) =>
    s3.send(new PutObjectCommand({ ...where, ...condition, Body: 'trial' }));
  const check = (name: string, call: () => Promise<string>): HealthCheck => ({
    name: `bucket: ${name} ${folder}`,
    run: async (): Promise<CheckResult> => ({
      found: await attempt(`${name} ${s3Uri(bucket, Key)}`, call),
    }),
  });
  return [
    check('write', async () => {
      await put({ IfNoneMatch: '*' });
      return 'written';
    }),
    check('read', async () => {
      const { Body } = await s3.send(new GetObjectCommand(where)).catch((error: unknown) => {
        if (awsErrorName(error) !== 'NoSuchKey') throw error;
        throw new Failure(
          'configuration',
          `skipped because ${s3Uri(bucket, Key)} was not written`,
          {
            action: 'fix the write check first',
          },
        );
      });
      if ((await Body?.transformToString()) === 'trial') return 'read back';
      throw new Failure(
        'configuration',
        `${s3Uri(bucket, Key)} was read back with different content`,
      );
    }),
    check('conditional write', async () => {
      await refused(() => put({ IfNoneMatch: '*' }), 'If-None-Match: *');
      await refused(() => put({ IfMatch: '"0123456789abcdef0123456789abcdef"' }), 'If-Match');
      return 'refused as expected';
    }),
    check('delete', async () => {
      const left = await abandonedProbes(s3, bucket, folder, Key);
      const keys = [...left, Key];
      for (const one of keys) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: one }));
      const also = `, and ${String(left.length)} that killed checks left`;
      return left.length === 0 ? 'deleted' : `deleted${also}`;
    }),
  ];
}

/** Keys that checks left which were killed, by S3's clock: `own` has just been written. */
async function abandonedProbes(
  s3: S3Client,
  bucket: string,
  folder: Folder,
  own: string,
): Promise<readonly string[]> {
  const probes = await Array.fromAsync(listObjects({ s3, bucket }, probePrefix(folder)));
  const now = probes.find(({ key }) => key === own)?.modified;
  if (now === undefined) return [];
  return probes.filter(({ modified }) => isAbandoned(modified, now)).map(({ key }) => key);
}

/** Checks multipart uploads, for jobs that upload large files. */
export function uploadCheck(s3: S3Client, bucket: string, dataset: Dataset): HealthCheck {
  const Key = `${probePrefix(dataset)}${randomBytes(6).toString('hex')}/parts`;
  const where = { Bucket: bucket, Key };
  return {
    name: `bucket: multipart upload ${dataset}`,
    run: () =>
      attempt(`upload ${s3Uri(bucket, Key)} in parts`, async () => {
        await uploadInParts(s3, where);
        await s3.send(new DeleteObjectCommand(where));
        return { found: 'completed and aborted' };
      }),
  };
}

/** Expects a refusal. A store that accepts this write would let two runs publish at once. */
async function refused(write: () => Promise<unknown>, condition: string): Promise<void> {
  try {
    await write();
  } catch (error) {
    const status = httpStatus(error);
    if (status === 412 || status === 409 || status === 404) return;
    throw error;
  }
  throw new Failure(
    'configuration',
    `a write with ${condition} succeeded although the condition is false`,
    {
      action: 'use S3 or a store with conditional writes: without them, runs overwrite each other',
    },
  );
}

async function uploadInParts(s3: S3Client, where: { Bucket: string; Key: string }): Promise<void> {
  const begin = () =>
    s3.send(
      new CreateMultipartUploadCommand({
        ...where,
        ChecksumAlgorithm: 'CRC32',
        ChecksumType: 'FULL_OBJECT',
      }),
    );
  const abandoned = await begin();
  await s3.send(new AbortMultipartUploadCommand({ ...where, UploadId: abandoned.UploadId }));
  const { UploadId } = await begin();
  try {
    const { ETag, ChecksumCRC32 } = await s3.send(
      new UploadPartCommand({
        ...where,
        UploadId,
        PartNumber: 1,
        Body: 'trial',
        ChecksumAlgorithm: 'CRC32',
      }),
    );
    await s3.send(
      new CompleteMultipartUploadCommand({
        ...where,
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag, ChecksumCRC32 }] },
        ChecksumType: 'FULL_OBJECT',
      }),
    );
  } catch (error) {
    await s3.send(new AbortMultipartUploadCommand({ ...where, UploadId })).catch(() => undefined);
    throw error;
  }
}

/** S3 refuses requests signed with a clock that is 15 minutes off. Users also derive the day from it. */
async function checkClock(s3: S3Client, Bucket: string, Prefix: string): Promise<CheckResult> {
  let date: string | undefined;
  const list = new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 });
  list.middlewareStack.add(
    (next) => async (given) => {
      const result = await next(given);
      const { headers } = result.response as { headers?: Readonly<Record<string, string>> };
      date = headers?.['date'];
      return result;
    },
    { step: 'deserialize', priority: 'low' },
  );
  const before = Date.now();
  await attempt(`list ${s3Uri(Bucket, Prefix)}`, () => s3.send(list));
  if (date === undefined) return { found: 'S3 does not report its time' };
  // The header contains whole seconds, so S3's time is up to one second later.
  const theirs = Date.parse(date);
  const ahead = before - (theirs + 1_000);
  const behind = theirs - Date.now();
  const skew = Math.max(0, ahead, behind);
  const found = skew === 0 ? "in sync with S3's" : `${String(skew / 1_000)} s off S3's`;
  const action = 'synchronize this host by NTP: S3 refuses requests if the clock is 15 minutes off';
  if (skew > skewToFail) throw new Failure('configuration', `the clock is ${found}`, { action });
  return skew > skewToWarn ? { found, advice: action } : { found };
}
