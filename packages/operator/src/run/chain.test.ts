import { describe, expect, it, vi } from 'vitest';
import { dsRange, parseDs } from '@user-behaviour/shared/ds';
import { runChain } from './chain.ts';
import type { JobName } from '@user-behaviour/shared/pipeline';
import type { JobResult } from './job-process.ts';

vi.mock('@user-behaviour/shared/pipeline', async (original) => {
  const { onlyFourStages } = await import('../../test/four-stages.ts');
  return onlyFourStages(original);
});

const days = dsRange(parseDs('2010-12-01'), parseDs('2010-12-03'));

function result(...exits: readonly number[]): JobResult {
  return {
    exit: exits.find((code) => code !== 0) ?? 0,
    days: exits.map((exit, index) => ({
      job: 'j',
      ds: days[index] ?? '',
      run: 'r',
      status: exit === 0 ? 'published' : 'failed',
      exit,
    })),
  };
}

type Script = Partial<Record<JobName, JobResult>>;

/** Runs the chain; every job takes a turn of the loop and ends as the script says, or well. */
async function run(script: Script = {}) {
  const events: string[] = [];
  const chain = await runChain(days, async (job, given) => {
    expect(given).toEqual(days);
    events.push(`start ${job}`);
    await new Promise((resolve) => setImmediate(resolve));
    events.push(`end ${job}`);
    return script[job] ?? result(0, 0, 0);
  });
  return { chain, events, jobs: Object.keys(chain) };
}

describe('the chain', () => {
  it('extracts beside staging and cleaning, and loads when both are done', async () => {
    const { events, jobs } = await run();
    expect(jobs.sort()).toEqual([
      'emr-clean',
      'extract-purchases',
      'redshift-load',
      'stage-reviews',
    ]);
    const at = (event: string) => events.indexOf(event);
    expect(at('start stage-reviews')).toBeLessThan(at('end extract-purchases'));
    expect(at('end stage-reviews')).toBeLessThan(at('start emr-clean'));
    expect(at('end emr-clean')).toBeLessThan(at('start redshift-load'));
    expect(at('end extract-purchases')).toBeLessThan(at('start redshift-load'));
  });

  it('goes on with the other days when one has failed', async () => {
    const { jobs } = await run({
      'extract-purchases': result(65, 0, 0),
      'stage-reviews': result(0, 75, 0),
      'emr-clean': result(0, 75, 65),
    });
    expect(jobs).toHaveLength(4);
  });

  it.each([
    ['stage-reviews', ['extract-purchases', 'stage-reviews']],
    ['emr-clean', ['emr-clean', 'extract-purchases', 'stage-reviews']],
    ['extract-purchases', ['emr-clean', 'extract-purchases', 'stage-reviews']],
  ] as const)('leaves out what %s has left nothing to do for', async (failing, expected) => {
    const all = await run({ [failing]: result(65, 65, 65) });
    expect(all.jobs.sort()).toEqual(expected);
    const untold = await run({ [failing]: { exit: 78, days: [] } });
    expect(untold.jobs.sort()).toEqual(expected);
  });

  it('goes on after a job that has done all and could not report it', async () => {
    const { jobs } = await run({ 'emr-clean': { exit: 74, days: [] } });
    expect(jobs).toHaveLength(4);
  });

  it('lets the other branch end when one fails', async () => {
    const { events } = await run({ 'extract-purchases': result(65, 65, 65) });
    expect(events).toContain('end emr-clean');
  });
});
