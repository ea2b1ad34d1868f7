import { describe, expect, it, vi } from 'vitest';
import {
  describeDuration,
  describeRange,
  durationForm,
  durationWithin,
  parseDuration,
  waitFor,
} from './waiting.ts';

const nothing = (): Promise<string | undefined> => Promise.resolve(undefined);
const signal = new AbortController().signal;

describe('waitFor', () => {
  it('polls until there is a result', async () => {
    const poll = vi.fn(nothing);
    poll
      .mockResolvedValueOnce(undefined)
      .mockResolvedValueOnce(undefined)
      .mockResolvedValueOnce('found');
    expect(await waitFor(poll, { signal, timeout: 60_000, minPause: 1 })).toBe('found');
    expect(poll).toHaveBeenCalledTimes(3);
  });

  it('accepts any result except undefined', async () => {
    expect(await waitFor(() => Promise.resolve(false), { signal, timeout: 0 })).toBe(false);
  });

  it('polls once if the timeout is 0', async () => {
    const poll = vi.fn(nothing);
    expect(await waitFor(poll, { signal, timeout: 0 })).toBeUndefined();
    expect(poll).toHaveBeenCalledTimes(1);
  });

  it('polls once more at the timeout', async () => {
    const poll = vi.fn(nothing);
    expect(await waitFor(poll, { signal, timeout: 1, minPause: 60_000 })).toBeUndefined();
    expect(poll.mock.calls.length).toBeGreaterThanOrEqual(2);
  });

  it('ends at once if it is aborted during a pause', async () => {
    const controller = new AbortController();
    const poll = () => {
      controller.abort(new Error('stopped'));
      return nothing();
    };
    await expect(
      waitFor(poll, { signal: controller.signal, timeout: 3_600_000, minPause: 3_600_000 }),
    ).rejects.toThrow();
  });

  it('does not poll after an abort', async () => {
    const poll = () => Promise.reject(new Error('polled'));
    const aborted = AbortSignal.abort(new Error('stopped'));
    await expect(waitFor(poll, { signal: aborted, timeout: 1 })).rejects.toThrow('stopped');
  });

  it('throws what a poll throws', async () => {
    const poll = () => Promise.reject(new Error('no access'));
    await expect(waitFor(poll, { signal, timeout: 1_000 })).rejects.toThrow('no access');
  });
});

describe('parseDuration', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['0s', 0],
  ])('reads %s as %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it('reads each example of its form, which names every unit', () => {
    const examples = durationForm.match(/\d+[a-z]/g) ?? [];
    expect(examples.map((text) => text.at(-1))).toEqual(['s', 'm', 'h', 'd']);
    for (const text of examples) expect(parseDuration(text), text).toBeGreaterThan(0);
  });

  it.each(['', '30', 'm', '-1s', '1.5h', '1w', '30m ', '1234567s'])('rejects %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('durationWithin', () => {
  const range = { least: '3s', most: '1h' };

  it.each([
    ['3s', 3_000],
    ['1h', 3_600_000],
    ['60m', 3_600_000],
  ])('takes %s, which is in the range', (text, milliseconds) => {
    expect(durationWithin(text, range)).toBe(milliseconds);
  });

  it.each(['0s', '2s', '3601s', '999999h', '999999d', 'soon', ''])('refuses %j', (text) => {
    expect(durationWithin(text, range)).toBeUndefined();
  });

  it('is described with both ends', () => {
    expect(describeRange(range)).toBe('a time such as 90s, 30m, 2h or 1d, from 3s to 1h');
  });
});

describe('describeDuration', () => {
  it.each([
    [1_500, '1.5 s'],
    [90_000, '90 s'],
    [600_000, '10 min'],
    [7_200_000, '2 h'],
    [172_800_000, '2 d'],
  ])('describes %d ms as %s', (milliseconds, text) => {
    expect(describeDuration(milliseconds)).toBe(text);
  });
});
