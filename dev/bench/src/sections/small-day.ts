/** What a day costs that has little to do: whole processes, most of it their start. */
import { jobs } from '@user-behaviour/shared/pipeline';
import type { Arena, Measured } from '../bench-context.ts';
import { alternate } from '../measure/alternation.ts';
import { race } from '../candidates/extract-race.ts';
import { jobCommand } from '../jobs.ts';
import { type Command, measure } from '../measure/measurement.ts';
import { ObjectStore } from '../servers/object-store.ts';
import { extractPurchases, psqlToNull } from '../candidates/own-candidates.ts';
import type { Entry } from '../result.ts';
import { bigDay, databaseUrl } from '../servers/source-database.ts';

export async function measureSmallDay(arena: Arena): Promise<Measured> {
  const { hasPsql, peers, settings } = arena;
  const url = databaseUrl(arena.seeded.server, arena.seeded.name);
  const raced = await race([...(hasPsql ? [psqlToNull] : []), extractPurchases(), ...peers], {
    ...arena,
    env: arena.extractEnv,
    databaseUrl: url,
    ds: bigDay,
    rounds: settings.ROUNDS,
    // All take but moments.
    slowFactor: Infinity,
  });
  return { entries: [...raced, ...(await withoutWork(arena, url))], notes: [] };
}

/** A day that this run has published already, and the text of the help. */
async function withoutWork(arena: Arena, url: string): Promise<readonly Entry[]> {
  using store = new ObjectStore(arena.extractEnv);
  const bucket = await store.makeBucket();
  try {
    const env = { ...arena.extractEnv, SOURCE_DATABASE_URL: url, PIPELINE_BUCKET: bucket };
    const again = await jobCommand(
      'extract-purchases',
      [`--ds=${bigDay}`, '--run-id=20101202T000000Z-bench1', '--log-format=json'],
      env,
    );
    await measure(again, arena);
    const commands: (readonly [string, Command])[] = [['extract-purchases, nothing to do', again]];
    for (const job of jobs) {
      commands.push([`${job} --help`, await jobCommand(job, ['--help'], env)]);
    }
    const options = { rounds: arena.settings.ROUNDS, slowFactor: Infinity, slowRounds: 0 };
    const results = await alternate(commands, options, ([, command]) => measure(command, arena));
    return [...results].map(([[name], runs]) => ({
      name,
      kind: 'ours' as const,
      runs: runs.map(({ wall, cpu, memory }) => ({ wall, cpu, memory })),
    }));
  } finally {
    await store.deleteBucket(bucket);
  }
}
