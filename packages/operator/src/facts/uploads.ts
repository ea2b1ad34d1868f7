/** Multipart uploads that were started and neither completed nor aborted. */
import { ListMultipartUploadsCommand, ListPartsCommand } from '@aws-sdk/client-s3';
import { attempt, awsErrorName } from '@user-behaviour/shared/s3/aws-errors';
import { Failure } from '@user-behaviour/shared/failure';
import type { Bucket } from '@user-behaviour/shared/s3/list-objects';

export interface OpenUpload {
  readonly key: string;
  readonly uploadId: string;
  /** When it was started, in milliseconds since 1970. */
  readonly initiated: number;
}

interface Markers {
  readonly KeyMarker?: string;
  readonly UploadIdMarker?: string;
}

export async function listUploads({ s3, bucket }: Bucket): Promise<OpenUpload[]> {
  const uploads: OpenUpload[] = [];
  let next: Markers | undefined = {};
  while (next !== undefined) {
    const markers: Markers = next;
    const page = await attempt(`list the uploads of ${bucket}`, () =>
      s3.send(new ListMultipartUploadsCommand({ Bucket: bucket, ...markers })),
    );
    for (const { Key = '', UploadId = '', Initiated } of page.Uploads ?? []) {
      uploads.push({ key: Key, uploadId: UploadId, initiated: Initiated?.getTime() ?? 0 });
    }
    const { IsTruncated, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
    next =
      IsTruncated === true && KeyMarker !== undefined && UploadIdMarker !== undefined
        ? { KeyMarker, UploadIdMarker }
        : undefined;
  }
  return uploads;
}

/** When the last part arrived, and the total size; undefined for an upload that has ended meanwhile. */
export async function uploadActivity(
  { s3, bucket }: Bucket,
  { key, uploadId, initiated }: OpenUpload,
): Promise<{ readonly last: number; readonly bytes: number } | undefined> {
  let last = initiated;
  let bytes = 0;
  let marker: string | undefined;
  do {
    try {
      const page = await attempt(`list the parts of ${key}`, () =>
        s3.send(
          new ListPartsCommand({
            Bucket: bucket,
            Key: key,
            UploadId: uploadId,
            ...(marker === undefined ? {} : { PartNumberMarker: marker }),
          }),
        ),
      );
      for (const { LastModified, Size = 0 } of page.Parts ?? []) {
        last = Math.max(last, LastModified?.getTime() ?? 0);
        bytes += Size;
      }
      marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
    } catch (error) {
      if (error instanceof Failure && awsErrorName(error.cause) === 'NoSuchUpload')
        return undefined;
      throw error;
    }
  } while (marker !== undefined);
  return { last, bytes };
}
