import { createLog } from '@user-behaviour/shared/log';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/cloud';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RowCounter } from '../src/row-counter.ts';
import { connectionSettings } from '../src/source-address.ts';
import { Source } from '../src/source.ts';
import { line, openShop } from './shop.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

/** As if a row had got lost between the source and the file. */
class ForgetfulCounter extends RowCounter {
  override get rows(): number {
    return super.rows - 1;
  }
}

describe('the rows that went by', () => {
  it.each([
    [new RowCounter(), undefined],
    [
      new ForgetfulCounter(),
      'PostgreSQL copied 2 rows, 1 went by in the stream; expected the same',
    ],
  ])('are compared with those that PostgreSQL copied (I8): %o', async (counter, refusal) => {
    await using shop = await openShop(cloud);
    for (const time of ['2010-12-01 08:00', '2010-12-01 09:00']) {
      await shop.database.query(line(time));
    }
    await using source = new Source({
      connection: connectionSettings(shop.database.url, undefined),
      connections: 1,
      statementTimeout: 10_000,
      signal: new AbortController().signal,
      log: createLog('test', 'json', { write: () => undefined }, 'info'),
    });
    const read = Array.fromAsync(source.copy('select * from retail.user_purchase', counter));
    if (refusal === undefined) expect((await read).length).toBeGreaterThan(0);
    else await expect(read).rejects.toMatchObject({ kind: 'data', message: refusal });
  });
});
