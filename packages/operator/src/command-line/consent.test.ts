import { describe, expect, it, vi } from 'vitest';
import { daysFrom, parseDs } from '@user-behaviour/shared/ds';
import type { Failure } from '@user-behaviour/shared/failure';
import { requireConsent } from './consent.ts';
import { optionNames } from './option-names.ts';

const byMake = optionNames({ MAKE_TARGET: 'backfill' });
const byHand = optionNames({});
const few = daysFrom(parseDs('2010-12-01'), parseDs('2011-01-29'));
const many = daysFrom(parseDs('2010-12-01'), parseDs('2011-01-30'));

const refusal = async (shell: Parameters<typeof requireConsent>[3]): Promise<Failure> => {
  const failure: unknown = await requireConsent('backfill', many, false, shell).catch(
    (error: unknown) => error,
  );
  return failure as Failure;
};

describe('the question before many days', () => {
  it('is not asked for sixty days, or after a yes on the command line', async () => {
    const ask = vi.fn<() => Promise<boolean>>();
    await requireConsent('backfill', few, false, { ask, optionName: byHand });
    await requireConsent('backfill', many, true, { ask, optionName: byHand });
    expect(few).toHaveLength(60);
    expect(ask).not.toHaveBeenCalled();
  });

  it('is asked for any day by a command that asks always', async () => {
    const ask = vi.fn<(question: string) => Promise<boolean>>().mockResolvedValue(true);
    await requireConsent('erase', few.slice(0, 1), false, { ask, optionName: byHand }, 0);
    await requireConsent('erase', few.slice(0, 1), true, { ask, optionName: byHand }, 0);
    expect(ask.mock.calls.flat()).toEqual([
      'erase is about to do 1 day, 2010-12-01. Go on? [y/N] ',
    ]);
  });

  it('names the days, and takes yes for an answer', async () => {
    const ask = vi.fn<(question: string) => Promise<boolean>>().mockResolvedValue(true);
    await requireConsent('backfill', many, false, { ask, optionName: byHand });
    expect(ask.mock.calls.flat()).toEqual([
      'backfill is about to do 61 days, 2010-12-01 to 2011-01-30. Go on? [y/N] ',
    ]);
  });

  it('ends the command with 64 after any other answer', async () => {
    const ask = () => Promise.resolve(false);
    expect(await refusal({ ask, optionName: byHand })).toMatchObject({
      exit: 64,
      message: 'nothing was started, because the answer was not y',
    });
  });

  it.each([
    ['YES=1', byMake],
    ['--yes', byHand],
  ])('is answered by %s where there is no terminal', async (option, optionName) => {
    expect(await refusal({ ask: undefined, optionName })).toMatchObject({
      exit: 64,
      message: 'backfill is about to do 61 days, 2010-12-01 to 2011-01-30: nothing was started',
      action: `add ${option} if that is what you want, or name fewer days`,
    });
  });
});
