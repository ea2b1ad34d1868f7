/** Cleaning one day, and many days at once, beside the obvious script on Spark's defaults. */
import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Arena, Measured } from '../bench-context.ts';
import { alternate } from '../measure/alternation.ts';
import { dayAfter } from '../day-range.ts';
import { jobCommand, summaries } from '../jobs.ts';
import { measure, type Measurement } from '../measure/measurement.ts';
import { ObjectStore } from '../servers/object-store.ts';
import { places } from '../places.ts';
import type { Entry, Run } from '../result.ts';
import { splitReviews } from '../review-days.ts';
import { difference, processorTime } from '../measure/server-time.ts';
import { bigDay } from '../servers/source-database.ts';
import { warmSpark } from '../servers/warm-spark.ts';

interface Way {
  readonly name: string;
  readonly kind: Entry['kind'];
  readonly size: number;
  readonly run: () => Promise<{ readonly took: Measurement; readonly rows: number }>;
}

/** Whole history: seconds each, so not as often as the others. */
const historyRounds = 3;
const sizes = [305, 374];

export async function measureSpark(arena: Arena): Promise<Measured> {
  const work = join(places.work, 'spark');
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  using store = new ObjectStore(arena.env);
  const emr = await arena.cloud.pidOf('emr');
  const measured = async (way: Way): Promise<Run & { readonly rows: number }> => {
    const before = await processorTime(emr);
    const { took, rows } = await way.run();
    const serverCpu = difference(await processorTime(emr), before);
    arena.say(`${way.name}: ${took.wall.toFixed(2)} s`);
    const { wall, cpu, memory } = took;
    return { wall, cpu, memory, rows, ...(serverCpu === undefined ? {} : { serverCpu }) };
  };
  const entries: Entry[] = [];
  const compare = async (ways: readonly Way[], rounds: number) => {
    const options = { rounds, slowFactor: Infinity, slowRounds: 0 };
    const results = await alternate(ways, options, measured);
    for (const [{ name, kind, size }, runs] of results) {
      const [rows] = new Set(runs.map((run) => run.rows));
      entries.push({
        ...{ name, kind, size, ...(rows === undefined ? {} : { rows }) },
        runs: [...runs],
      });
    }
  };
  const ours = cleaning(arena, store, arena.reviews, 1);
  await warmSpark(arena, arena.env);
  await compare([original(arena, work), ours], arena.settings.ROUNDS);
  const [one, other] = entries;
  if (one?.rows !== other?.rows) {
    throw new Error(
      `the original cleaned ${String(one?.rows)} rows, the job ${String(other?.rows)}`,
    );
  }
  for (const size of sizes) {
    const reviews = await splitReviews(arena.reviews, join(work, String(size)), bigDay, size);
    await compare(
      [cleaning(arena, store, reviews, size)],
      Math.min(historyRounds, arena.settings.ROUNDS),
    );
  }
  return {
    entries,
    notes: [
      'The original reads doubled quotes wrongly, and so labels a few reviews otherwise; see docs/adr/0007-one-review-one-line.md.',
    ],
  };
}

function original(arena: Arena, work: string): Way {
  const target = join(work, 'original');
  const home = `import os, pyspark; print(os.path.dirname(pyspark.__file__))`;
  return {
    name: 'the original script, spark-submit with defaults',
    kind: 'peer',
    size: 1,
    run: async () => {
      const { stdout } = await promisify(execFile)(arena.python, ['-c', home]);
      const spark = stdout.trim();
      const took = await measure(
        {
          file: join(spark, 'bin/spark-submit'),
          args: [join(places.peers, 'original_clean.py'), arena.reviews, target],
          env: {
            ...arena.env,
            SPARK_HOME: spark,
            PYSPARK_PYTHON: arena.python,
            PYSPARK_DRIVER_PYTHON: arena.python,
            SPARK_LOCAL_IP: '127.0.0.1',
          },
        },
        arena,
      );
      const count = `from pyarrow.parquet import read_table; import sys; print(read_table(sys.argv[1]).num_rows)`;
      const counted = await promisify(execFile)(places.peerPython, ['-c', count, target]);
      return { took, rows: Number(counted.stdout) };
    },
  };
}

/** The job alone: its input is staged before, and it is the bucket's first cleaning. */
function cleaning(arena: Arena, store: ObjectStore, reviews: string, days: number): Way {
  return {
    name: `emr-clean, ${String(days)} day${days === 1 ? '' : 's in one application'}`,
    kind: 'ours',
    size: days,
    run: async () => {
      const bucket = await store.makeBucket();
      try {
        const env = { ...arena.env, PIPELINE_BUCKET: bucket, REVIEWS_SOURCE: reviews };
        const range = [`--ds=${bigDay}`, `--through=${dayAfter(bigDay, days - 1)}`];
        const args = [...range, '--parallel=4', '--log-format=json'];
        await measure(await jobCommand('stage-reviews', args, env), arena);
        const took = await measure(await jobCommand('emr-clean', args, env), arena);
        const cleaned = summaries(took.stdout).filter(({ status }) => status === 'published');
        if (cleaned.length !== days) {
          throw new Error(`${String(cleaned.length)} days were cleaned, expected ${String(days)}`);
        }
        return { took, rows: cleaned.reduce((sum, { rows = 0 }) => sum + rows, 0) };
      } finally {
        await store.deleteBucket(bucket);
      }
    },
  };
}
