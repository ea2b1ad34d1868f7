/** Finds the vendor's file of a day, on disk or in S3. */
import type { S3Client } from '@aws-sdk/client-s3';
import type { Ds } from '@user-behaviour/shared/ds';
import { parseS3Uri } from '@user-behaviour/shared/keys';
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
  const object = parseS3Uri(name);
  return object === undefined
    ? fileSource(name, variable)
    : objectSource(name, object, s3, variable);
}

/** Whether each day has a file of its own. */
export const isDaily = (template: string): boolean => template.includes('{ds}');
