import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fakeS3, s3Error } from '@user-behaviour/testkit/fake-s3';
import { sparkScript, uploadScript } from './spark-script.ts';

const file = new URL('../../../spark/random_text_classification.py', import.meta.url);
const text = 'print(1)\n';
const hash = createHash('sha256').update(text).digest('hex');
const script = { key: `scripts/${hash}/random_text_classification.py`, text };

/** A bucket that holds this text under the key of the script. */
const holding = (content: string) =>
  fakeS3(({ name }) => {
    if (name === 'PutObject') throw s3Error('PreconditionFailed', 412);
    return { Body: [Buffer.from(content)] };
  });

describe('the Spark script', () => {
  it('is the file in spark/ under the hash of its bytes', () => {
    const bytes = readFileSync(file);
    const hash = createHash('sha256').update(bytes).digest('hex');
    const { key, text } = sparkScript();
    expect(Buffer.from(text).equals(bytes)).toBe(true);
    expect(key).toBe(`scripts/${hash}/random_text_classification.py`);
  });
});

describe('uploadScript', () => {
  it('writes the script only if the key does not exist', async () => {
    const s3 = fakeS3(() => ({}));
    await uploadScript(s3.client, 'stages', script);
    expect(s3.calls).toHaveLength(1);
    expect(s3.calls[0]).toMatchObject({
      name: 'PutObject',
      input: { Bucket: 'stages', Key: script.key, Body: script.text, IfNoneMatch: '*' },
    });
  });

  it('succeeds if the key exists with the same bytes', async () => {
    const s3 = holding(text);
    await uploadScript(s3.client, 'stages', script);
    expect(s3.calls.map(({ name }) => name)).toEqual(['PutObject', 'GetObject']);
  });

  it.each(['print(2)\n', ''])('rejects a key that exists with other bytes: %j', async (content) => {
    const upload = uploadScript(holding(content).client, 'stages', script);
    await expect(upload).rejects.toMatchObject({
      kind: 'data',
      exit: 65,
      message: expect.stringContaining(`s3://stages/${script.key} was replaced`) as string,
    });
  });

  it('retries while other writes of the key conflict', async () => {
    const s3 = fakeS3((_, before) => {
      if (before < 3) throw s3Error('ConditionalRequestConflict', 409);
      return {};
    });
    await uploadScript(s3.client, 'stages', script);
    expect(s3.calls).toHaveLength(4);
  });

  it('fails as transient after five conflicts', async () => {
    const s3 = fakeS3(() => {
      throw s3Error('ConditionalRequestConflict', 409);
    });
    const upload = uploadScript(s3.client, 'stages', script);
    await expect(upload).rejects.toMatchObject({ kind: 'transient' });
    expect(s3.calls).toHaveLength(5);
  });

  it.each([
    ['NoSuchBucket', 404, 'configuration'],
    ['AccessDenied', 403, 'configuration'],
    ['SlowDown', 503, 'transient'],
  ] as const)('classifies %s (%i) as %s', async (name, status, kind) => {
    const s3 = fakeS3(() => {
      throw s3Error(name, status);
    });
    await expect(uploadScript(s3.client, 'stages', script)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(
        `could not write s3://stages/${script.key}: ${name}`,
      ) as string,
    });
    expect(s3.calls).toHaveLength(1);
  });
});
