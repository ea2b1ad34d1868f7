/** The cost of a small day: whole processes, mostly their start-up. */
import type { BenchContext, SectionResult } from '../bench-context.ts';
import { alternate } from '../measure/alternation.ts';
import { measureCandidates } from '../candidates/measure-candidates.ts';
import { jobs } from '@user-behaviour/shared/pipeline';
import { jobCommand } from '../jobs.ts';
import { type Command, measure } from '../measure/measurement.ts';
import { ObjectStore } from '../servers/object-store.ts';
import { extractPurchases, psqlToNull } from '../candidates/own-candidates.ts';
import type { Entry, Run } from '../result.ts';
import { bigDay, databaseUrl } from '../servers/source-database.ts';

export async function measureSmallDay(context: BenchContext): Promise<SectionResult> {
  const { hasPsql, peers, settings } = context;
  const url = databaseUrl(context.seeded.server, context.seeded.name);
  const raced = await measureCandidates(
    [...(hasPsql ? [psqlToNull] : []), extractPurchases(), ...peers],
    {
      ...context,
      env: context.extractEnv,
      databaseUrl: url,
      ds: bigDay,
      rounds: settings.ROUNDS,
      // All are quick.
      slowFactor: Infinity,
    },
  );
  return { entries: [...raced, ...(await withoutWork(context, url))], notes: [] };
}

/** The cost of a day that is already published, and of --help. */
async function withoutWork(context: BenchContext, url: string): Promise<readonly Entry[]> {
  using store = new ObjectStore(context.extractEnv);
  const bucket = await store.makeBucket();
  try {
    const env = { ...context.extractEnv, SOURCE_DATABASE_URL: url, PIPELINE_BUCKET: bucket };
    const again = jobCommand(
      'extract-purchases',
      [`--ds=${bigDay}`, '--run-id=20101202T000000Z-bench1', '--log-format=json'],
      env,
    );
    await measure(again, context);
    const commands: (readonly [string, Command])[] = [['extract-purchases, nothing to do', again]];
    for (const job of jobs) {
      commands.push([`${job} --help`, jobCommand(job, ['--help'], env)]);
    }
    const options = { rounds: context.settings.ROUNDS, slowFactor: Infinity, slowRounds: 0 };
    const results = await alternate(commands, options, ([name, command], round) =>
      context.progress.once(`${name} ${String(round)}`, async (): Promise<Run> => {
        const { wall, cpu, memory } = await measure(command, context);
        return { wall, cpu, memory };
      }),
    );
    return [...results].map(([[name], runs]) => ({ name, kind: 'ours', runs: [...runs] }));
  } finally {
    await store.deleteBucket(bucket);
  }
}
