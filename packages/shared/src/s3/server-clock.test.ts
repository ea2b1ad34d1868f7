import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { ServerClock } from './server-clock.ts';

const noon = Date.parse('2010-12-01T12:00:00Z');

/** The offset after one response with the date `served`, if the local time is noon. */
async function offsetAfter(served: number): Promise<number> {
  const s3 = new S3Client({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: {
      handle: () =>
        Promise.resolve({
          response: {
            statusCode: 200,
            headers: { date: new Date(served).toUTCString() },
            body: undefined,
          },
        }),
    },
  });
  const clock = new ServerClock(s3, () => new Date(noon));
  expect(clock.now().getTime()).toBe(noon);
  await s3.send(new HeadBucketCommand({ Bucket: 'lake' }));
  return clock.now().getTime() - noon;
}

describe('a server clock', () => {
  it.each([
    ['in sync', 0, 0],
    ['within the second that the header names', -900, 0],
    ['ahead', 3_600_000, 3_600_000],
    ['behind', -3_600_000, -3_599_000],
  ])('that is %s gives the smallest possible offset', async (_, off, offset) => {
    expect(await offsetAfter(noon + off)).toBe(offset);
  });
});
