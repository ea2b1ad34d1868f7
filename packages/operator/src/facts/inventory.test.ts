import type { ListObjectsV2CommandInput, S3Client } from '@aws-sdk/client-s3';
import { daysFrom, parseDs } from '@user-behaviour/shared/ds';
import { describe, expect, it } from 'vitest';
import { takeInventory } from './inventory.ts';

const folder = 'user_purchase/stage';
const tenYears = daysFrom(parseDs('2010-01-01'), parseDs('2019-12-31'));

/** An S3 that lists as S3 does, up to `pageSize` keys or folders a request. */
function listingS3(keys: readonly string[], pageSize = 1_000) {
  const requests: ListObjectsV2CommandInput[] = [];
  const send = async ({ input }: { readonly input: ListObjectsV2CommandInput }) => {
    requests.push(input);
    await Promise.resolve();
    const { Prefix = '', StartAfter = '', Delimiter, ContinuationToken = '' } = input;
    const below = keys.filter((key) => key.startsWith(Prefix) && key > StartAfter);
    const names =
      Delimiter === undefined
        ? below
        : [...new Set(below.map((key) => `${Prefix}${key.slice(Prefix.length).split('/')[0]}/`))];
    const page = names.filter((name) => name > ContinuationToken).slice(0, pageSize);
    const isLast = page.at(-1) === names.at(-1);
    return {
      ...(Delimiter === undefined
        ? { Contents: page.map((Key) => ({ Key, Size: 1, ETag: `"${Key}"` })) }
        : { CommonPrefixes: page.map((name) => ({ Prefix: name })) }),
      ...(isLast ? {} : { NextContinuationToken: page.at(-1) }),
    };
  };
  return { where: { s3: { send } as unknown as S3Client, bucket: 'lake' }, requests };
}

const keysOf = (ds: string) => [`${folder}/${ds}/one/a.csv`, `${folder}/${ds}/_manifest.json`];

describe('an inventory', () => {
  it('of ten years is listed in parts, and is complete', async () => {
    const stray = [`${folder}/2010-01-01x/one/a.csv`, `${folder}/readme`];
    const { where, requests } = listingS3([...tenYears.flatMap(keysOf), ...stray].sort());
    const found = await takeInventory(where, folder, {});
    expect([...found.keys()]).toEqual(tenYears);
    for (const ds of tenYears) {
      const [file, manifest] = keysOf(ds);
      expect(found.get(ds)?.manifest?.key).toBe(manifest);
      expect(
        found
          .get(ds)
          ?.runs.get('one')
          ?.map(({ key }) => key),
      ).toEqual([file]);
    }
    // Four pages of days, and one for each hundred of them.
    expect(requests).toHaveLength(4 + 37);
  });

  it('has only the days between the bounds', async () => {
    const { where, requests } = listingS3(tenYears.flatMap(keysOf).sort());
    const [from, to] = [parseDs('2011-01-01'), parseDs('2012-12-31')];
    const found = await takeInventory(where, folder, { from, to });
    expect([...found.keys()]).toEqual(daysFrom(from, to));
    const few = { from, to: parseDs('2011-01-03') };
    requests.splice(0);
    expect([...(await takeInventory(where, folder, few)).keys()]).toHaveLength(3);
    expect(requests.map(({ Delimiter }) => Delimiter)).toEqual([undefined]);
  });

  it('of a day with more objects than a page has all of them', async () => {
    const keys = Array.from(
      { length: 25 },
      (_, n) => `${folder}/2010-12-01/one/${String(n).padStart(2, '0')}`,
    );
    const { where } = listingS3(keys, 10);
    const found = await takeInventory(where, folder, {});
    expect(found.get(parseDs('2010-12-01'))?.runs.get('one')).toHaveLength(25);
  });
});
