import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { ServerClock } from './server-clock.ts';

const noon = Date.parse('2010-12-01T12:00:00Z');

/** A clock that has heard one answer of a server whose time is `served`, while ours is noon. */
async function heard(served: number): Promise<number> {
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

describe('the server’s clock', () => {
  it.each([
    ['the same', 0, 0],
    ['within the second that the header names', -900, 0],
    ['ahead', 3_600_000, 3_600_000],
    ['behind', -3_600_000, -3_599_000],
  ])('%s, moves ours by just what is needed', async (_, off, moved) => {
    expect(await heard(noon + off)).toBe(moved);
  });
});
