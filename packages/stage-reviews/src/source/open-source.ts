/** Finds the vendor's file of a day, on disk or in S3. */
import type { S3Client } from '@aws-sdk/client-s3';
import type { Ds } from '@user-behaviour/shared/ds';
import { fileSource } from './file-source.ts';
import { objectSource } from './object-source.ts';
import type { ReviewsSource, SourceVariable } from './reviews-source.ts';

/** `template` is the value of the variable. */
export function openSource(
  template: string,
  ds: Ds,
  s3: S3Client,
  variable: SourceVariable = 'REVIEWS_SOURCE',
): ReviewsSource {
  const name = template.replaceAll('{ds}', ds);
  const object = /^s3:\/\/([^/]+)\/(.+)$/.exec(name);
  return object?.[1] === undefined || object[2] === undefined
    ? fileSource(name, variable)
    : objectSource(name, { Bucket: object[1], Key: object[2] }, s3, variable);
}

/** Whether each day has a file of its own. */
export const isDaily = (template: string): boolean => template.includes('{ds}');
