/** Reads the file that RULES names: on disk, or an object in S3. */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Failure } from '../failure.ts';
import { fileErrorKind } from '../file-errors.ts';
import { parseS3Uri } from '../keys.ts';
import { attempt, awsErrorName } from '../s3/aws-errors.ts';
import { type AwsSettings, createS3Client } from '../s3/aws-client.ts';
import { parseRules, type Rules, wrongRules } from './rules.ts';

/** Bytes. A larger file is not one of rules. */
const largest = 1024 ** 2;

const tooLarge = (place: string) =>
  wrongRules(place, ['expected at most 1 MiB: is it another file?']);

/**
 * Reads the rules as they are now. The signal ends a request to S3.
 *
 * @throws Failure of kind configuration if the file is missing, unreadable or wrong; transient if the disk or
 * S3 is in trouble.
 */
export async function readRules(
  place: string,
  settings: AwsSettings,
  signal?: AbortSignal,
): Promise<Rules> {
  const object = parseS3Uri(place);
  if (object === undefined) return parseRules(decode(await readLocal(place), place), place);
  const s3 = createS3Client(settings);
  try {
    return parseRules(decode(await readObject(place, object, s3, signal), place), place);
  } finally {
    s3.destroy();
  }
}

/** UTF-8, with or without a byte order mark. */
function decode(bytes: Uint8Array, place: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw wrongRules(place, ['expected text in UTF-8']);
  }
}

async function readLocal(place: string): Promise<Uint8Array> {
  const path = resolve(place);
  try {
    if ((await stat(path)).size > largest) throw tooLarge(path);
    return await readFile(path);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new Failure(fileErrorKind(code), `the rules ${path} (RULES) cannot be read: ${code}`, {
      cause: error,
      action: 'correct RULES, or let the job read the file; a container needs it as a mount',
    });
  }
}

async function readObject(
  place: string,
  object: { readonly Bucket: string; readonly Key: string },
  s3: S3Client,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  return attempt(`read the rules ${place} (RULES)`, async () => {
    try {
      const { Body, ContentLength = 0 } = await s3.send(
        new GetObjectCommand(object),
        signal && { abortSignal: signal },
      );
      if (Body === undefined) {
        throw new Failure('transient', `the response for ${place} has no body`);
      }
      if (ContentLength > largest) throw tooLarge(place);
      return await Body.transformToByteArray();
    } catch (error) {
      if (!/^NoSuch(Key|Bucket)$/.test(awsErrorName(error))) throw error;
      throw new Failure('configuration', `the rules ${place} (RULES) do not exist`, {
        cause: error,
        action: 'write them there, or correct or remove RULES',
      });
    }
  });
}
