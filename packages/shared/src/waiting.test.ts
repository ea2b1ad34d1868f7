import { describe, expect, it } from 'vitest';
import { parseDuration, waitFor } from './waiting.ts';

const nothing = (): Promise<string | undefined> => Promise.resolve(undefined);
const never = new AbortController().signal;

describe('waiting', () => {
  it('looks again until something is there', async () => {
    let looks = 0;
    const look = () => {
      looks += 1;
      return Promise.resolve(looks === 3 ? 'found' : undefined);
    };
    expect(await waitFor(look, { signal: never, limit: 60_000, least: 1 })).toBe('found');
    expect(looks).toBe(3);
  });

  it('takes any answer but undefined', async () => {
    const look = () => Promise.resolve(false);
    expect(await waitFor(look, { signal: never, limit: 0 })).toBe(false);
  });

  it('looks once when it must not wait', async () => {
    let looks = 0;
    const look = () => {
      looks += 1;
      return nothing();
    };
    expect(await waitFor(look, { signal: never, limit: 0 })).toBeUndefined();
    expect(looks).toBe(1);
  });

  it('looks a last time when the limit has passed', async () => {
    let looks = 0;
    const look = () => {
      looks += 1;
      return nothing();
    };
    expect(await waitFor(look, { signal: never, limit: 1, least: 60_000 })).toBeUndefined();
    expect(looks).toBeGreaterThanOrEqual(2);
  });

  it('ends at once when it is stopped between two looks', async () => {
    const controller = new AbortController();
    const look = () => {
      controller.abort(new Error('stopped'));
      return nothing();
    };
    await expect(
      waitFor(look, { signal: controller.signal, limit: 3_600_000, least: 3_600_000 }),
    ).rejects.toThrow();
  });

  it('does not look at all when it is stopped already', async () => {
    const look = () => Promise.reject(new Error('looked'));
    await expect(
      waitFor(look, { signal: AbortSignal.abort(new Error('stopped')), limit: 1 }),
    ).rejects.toThrow('stopped');
  });

  it('passes an error of the look on', async () => {
    const look = () => Promise.reject(new Error('no access'));
    await expect(waitFor(look, { signal: never, limit: 1_000 })).rejects.toThrow('no access');
  });
});

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['0s', 0],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '30', 'm', '-1s', '1.5h', '1w', '30m ', '1234567s'])('is not %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
