import { beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '@user-behaviour/shared/runner/log';
import { delivered, type Delivery } from './delivery.ts';
import type { Look, ReviewsSource } from './reviews-source.ts';

const said: string[] = [];
const log = createLog('test', 'json', { write: (line) => said.push(line) }, 'info');
const live = () => new AbortController().signal;
beforeEach(() => {
  said.length = 0;
});

/** A file with these looks, one after the other, and then the last one for ever. */
function showing(...looks: readonly (Look | undefined)[]) {
  const source: ReviewsSource & { looks: number } = {
    name: '/in/r.csv',
    looks: 0,
    look: () => Promise.resolve(looks[Math.min((source.looks += 1), looks.length) - 1]),
    read: () => {
      throw new Error('nobody should read it');
    },
  };
  return source;
}

const old = (version: string): Look => ({ version, bytes: 9, changedAt: 0 });
/** Has changed just now: the clock of its file system is ahead. */
const fresh = (version: string): Look => ({ version, bytes: 9, changedAt: Date.now() + 1e9 });
const empty: Look = { version: 'empty', bytes: 0, changedAt: 0 };

const arrival = (delivery: Omit<Delivery, 'settle'>, wait: number) =>
  delivered({ settle: 1, ...delivery }, { wait, signal: live() }, log);
const notReady = (why: string) => ({
  kind: 'not-ready',
  exit: 75,
  message: `the reviews file /in/r.csv ${why}`,
});

describe('with time to wait, a delivery', () => {
  it.each<[string, readonly (Look | undefined)[], string]>([
    ['begins', [undefined, undefined, old('1')], 'does not exist'],
    ['is no longer empty', [empty, { ...empty, version: 'e2' }, old('1')], 'is empty'],
    [
      'looks the same twice',
      [fresh('a'), fresh('b'), fresh('c'), fresh('1'), fresh('1'), fresh('1')],
      'is still being written',
    ],
    ['of unknown age has bytes', [{ ...empty }, { version: '1', bytes: 9 }], 'is empty'],
  ])('ends when it %s', async (_, looks, why) => {
    const source = showing(...looks);
    expect(await arrival({ source }, 60_000)).toMatchObject({ version: '1' });
    expect(source.looks).toBeGreaterThanOrEqual(looks.length - 1);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(`waiting for the reviews file /in/r.csv: it ${why}`);
  });

  it('that stays empty is not ready at the timeout', async () => {
    await expect(arrival({ source: showing(empty) }, 1)).rejects.toMatchObject(
      notReady('is empty'),
    );
  });

  it('ends the wait at the signal', async () => {
    const stopping = new AbortController();
    const delivery = { source: showing(undefined), settle: 1 };
    const waiting = delivered(delivery, { wait: 60_000, signal: stopping.signal }, log);
    stopping.abort(new Error('stopped'));
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('without time to wait, a file', () => {
  it('that has not changed for a while is looked at once', async () => {
    const source = showing(old('1'));
    expect(await arrival({ source }, 0)).toMatchObject({ version: '1' });
    expect(source.looks).toBe(1);
    expect(said).toEqual([]);
  });

  it('that has just changed is looked at twice', async () => {
    const source = showing(fresh('1'));
    expect(await arrival({ source }, 0)).toMatchObject({ version: '1' });
    expect(source.looks).toBe(2);
  });

  it('that is empty is delivered, and wrong', async () => {
    expect(await arrival({ source: showing(empty) }, 0)).toEqual(empty);
  });

  it.each<[string, readonly (Look | undefined)[]]>([
    ['does not exist', [undefined]],
    ['is still being written', [fresh('1'), fresh('2')]],
    ['is still being written', [fresh('1'), undefined]],
  ])('that %s is not ready', async (why, looks) => {
    await expect(arrival({ source: showing(...looks) }, 0)).rejects.toMatchObject(notReady(why));
  });
});

describe('a marker', () => {
  it('that is missing means that the file is not delivered', async () => {
    const marker = { ...showing(undefined), name: '/in/r.done' };
    await expect(arrival({ source: showing(old('1')), marker }, 0)).rejects.toMatchObject(
      notReady('has no marker /in/r.done'),
    );
  });

  it('may be empty', async () => {
    const delivery = { source: showing(old('1')), marker: showing(empty) };
    expect(await arrival(delivery, 0)).toMatchObject({ version: '1' });
  });

  it('is looked at before the file, which is complete then', async () => {
    const order: string[] = [];
    const noting = (name: string, source: ReviewsSource): ReviewsSource => ({
      ...source,
      look: () => {
        order.push(name);
        return source.look();
      },
    });
    const delivery = {
      source: noting('file', showing(old('1'))),
      marker: noting('marker', showing(empty)),
    };
    await arrival(delivery, 0);
    expect(order).toEqual(['marker', 'file']);
  });
});
