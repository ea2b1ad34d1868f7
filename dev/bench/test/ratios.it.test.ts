/** extract-purchases takes no more than twice the CPU time that docs/benchmarks/ratios.json has recorded, beside the same program. */
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud } from '@user-behaviour/testkit/servers/cloud';
import { env } from 'node:process';
import { expect, it } from 'vitest';
import { paths, workspace } from '../src/paths.ts';
import { readStore, type Figures } from '../src/published/section-figures.ts';
import { figuresOfEntries } from '../src/published/summarise.ts';
import type { Entry } from '../src/result.ts';
import { measureCpu } from '../src/sections/ratios.ts';

/** Milliseconds; on a quiet machine with two cores it takes 15 s. */
const timeout = 600_000;

const recorded = (await readStore(workspace)).get('ratios')?.entries ?? [];
const keys = (figures: readonly Figures[]) => figures.map(({ name, size }) => [name, size]);

/** The ratios above twice the recorded ones. */
const tooSlow = (entries: readonly Entry[]) =>
  figuresOfEntries('ratios', entries).flatMap(({ name, size, ratio = NaN }, at) => {
    const limit = 2 * (recorded[at]?.ratio ?? NaN);
    return ratio < limit ? [] : [{ name, size, ratio, limit }];
  });

it(
  'extract-purchases takes at most twice the recorded CPU time, for its start and for its rows',
  { timeout },
  async () => {
    await bundleJob('extract-purchases');
    await using cloud = await startTestCloud(['postgres', 's3']);
    const measure = () =>
      measureCpu({
        env: { PATH: env['PATH'] ?? '', ...cloud.env },
        rounds: 3,
        python: paths.python,
        signal: new AbortController().signal,
        once: (_key, run) => run(),
      });
    const first = await measure();
    expect(keys(figuresOfEntries('ratios', first))).toEqual(keys(recorded));
    if (tooSlow(first).length === 0) return;
    // Of all runs, the least disturbed one of each program counts.
    const second = await measure();
    const all = first.map((entry, at) => ({
      ...entry,
      runs: [...entry.runs, ...(second[at]?.runs ?? [])],
    }));
    expect(tooSlow(all), JSON.stringify(all, undefined, 2)).toEqual([]);
  },
);
