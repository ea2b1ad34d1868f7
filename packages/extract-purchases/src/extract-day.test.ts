import { parseDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import type { UploadTarget } from '@user-behaviour/shared/s3/object-upload';
import { expect, it } from 'vitest';
import { ObjectStore } from '../test/object-store.ts';
import { copyDay } from './extract-day.ts';
import type { Source } from './source/pool.ts';
import type { Snapshot } from './source/snapshot.ts';
import { createConnectionBuffers } from './upload/connection-buffers.ts';
import type { DayUpload } from './upload/day-upload.ts';
import { partSizes } from './upload/part-buffers.ts';

const ds = parseDs('2010-12-01');
const buffers = await createConnectionBuffers(partSizes);

/** A source that finds a row to reject and a row to publish, and then sends neither. */
function sourceThatLosesRows(): Source {
  let copies = 0;
  const writeNothing = async (upload: DayUpload) => (await upload.beginRange(0, buffers)).finish();
  const snapshot: Partial<Snapshot> = {
    estimate: { isSequentialScan: false, bytes: 0, pages: 1, serverVersion: 180_000 },
    table: {
      header: Buffer.from('a\n'),
      values: { loadable: 'true', padded: [] },
    } as unknown as Snapshot['table'],
    copy: async (_, upload) => {
      copies += 1;
      const cause = Object.assign(new Error('division by zero'), { code: '22012' });
      if (copies === 1) throw new Failure('data', 'a row', { cause });
      await writeNothing(upload);
      return {};
    },
    judge: () => Promise.resolve({ loadable: 1, rejected: { 'unit_price is not a number': 1 } }),
    copyRejects: writeNothing,
    [Symbol.dispose]: () => undefined,
  };
  return { connections: 1, openSnapshot: () => Promise.resolve(snapshot) } as unknown as Source;
}

it.each([
  ['removes the files of a day whose counts are wrong', true, []],
  [
    'keeps them if another attempt may have published the same keys',
    false,
    ['rejects/day.csv', 'stage/day.csv'],
  ],
])('%s', async (_, ownsKeys, left) => {
  const store = new ObjectStore(0);
  const target: UploadTarget = {
    s3: store.client,
    bucket: 'stages',
    key: 'stage/day.csv',
    contentType: 'text/csv',
    signal: new AbortController().signal,
  };
  const copy = copyDay(sourceThatLosesRows(), target, {
    day: { ds, minQuantity: 2 },
    overDay: ds,
    fileBytes: 1e9,
    format: 'csv',
    quarantine: { share: 1, key: 'rejects/day.csv' },
    ownsKeys,
    record: { phase: (_name, work) => work(() => undefined) },
  });
  await expect(copy).rejects.toThrow('1 + 1 loadable and other purchases, but 0 + 0');
  expect([...store.objects.keys()].sort()).toEqual(left);
});
