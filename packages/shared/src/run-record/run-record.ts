/**
 * The record of a run in the bucket: an object a process, a line of JSON a day. It is for people and reports; no
 * job reads it.
 *
 * An object is never replaced. A second process of the same run, e.g. a retry with the same --run-id, finds the key
 * taken and adds an object beside it. So does a process whose first request was applied and whose answer was lost:
 * then the two hold the same lines, and readers count equal lines once.
 */
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { runRecordKey, runRecordsPrefix, s3Uri } from '../keys.ts';
import type { RecordSink } from '../runner/day-record.ts';
import { newRunId } from '../runner/run-id.ts';
import { awsFailure, httpStatus } from '../s3/aws-errors.ts';
import type { Bucket } from '../s3/list-objects.ts';

export class RunRecord implements RecordSink {
  readonly name: string;
  readonly #where: Bucket;

  constructor(where: Bucket) {
    this.#where = where;
    this.name = s3Uri(where.bucket, runRecordsPrefix('{job}'));
  }

  /** @throws Failure that names the key. */
  readonly send: RecordSink['send'] = async (records, signal) => {
    const [first] = records;
    if (first === undefined) return;
    const body = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    const { job, run } = first;
    if (await this.#add(runRecordKey(job, run), body, signal)) return;
    // The name is unique, so a repeated request finds its own object: nothing is left to do.
    await this.#add(runRecordKey(job, run, newRunId(new Date())), body, signal);
  };

  /** Returns false if the key is taken. */
  async #add(Key: string, Body: string, abortSignal: AbortSignal): Promise<boolean> {
    const { s3, bucket: Bucket } = this.#where;
    const put = { Bucket, Key, Body, ContentType: 'application/x-ndjson', IfNoneMatch: '*' };
    try {
      await s3.send(new PutObjectCommand(put), { abortSignal });
      return true;
    } catch (error) {
      // 409: another process writes the key at this moment.
      if ([409, 412].includes(httpStatus(error) ?? 0)) return false;
      throw awsFailure(`write ${s3Uri(Bucket, Key)}`, error);
    }
  }
}
