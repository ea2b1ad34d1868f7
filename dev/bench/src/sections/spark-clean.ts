/** Cleaning one day, and many days in one application, compared with the obvious script on Spark's defaults. */
import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchContext, SectionResult } from '../bench-context.ts';
import { alternate } from '../measure/alternation.ts';
import { dayAfter } from '../day-range.ts';
import { jobCommand, summaries } from '../jobs.ts';
import { measure, type Measurement } from '../measure/measurement.ts';
import { ObjectStore } from '../servers/object-store.ts';
import { paths } from '../paths.ts';
import type { Entry, Run } from '../result.ts';
import { splitReviews } from '../review-days.ts';
import { difference, cpuTime } from '../measure/server-time.ts';
import { bigDay } from '../servers/source-database.ts';
import { warmUpSpark } from '../servers/warm-up-spark.ts';

interface Way {
  readonly name: string;
  readonly kind: Entry['kind'];
  readonly size: number;
  readonly run: () => Promise<{ readonly took: Measurement; readonly rows: number }>;
}

/** Each run over the whole history takes long: fewer rounds than the others. */
const historyRounds = 3;
const sizes = [305, 374];

export async function measureSpark(context: BenchContext): Promise<SectionResult> {
  const work = join(paths.work, 'spark');
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  using store = new ObjectStore(context.env);
  const emr = await context.cloud.pidOf('emr');
  const measured = async (way: Way): Promise<Run & { readonly rows: number }> => {
    const before = await cpuTime(emr);
    const { took, rows } = await way.run();
    const serverCpu = difference(await cpuTime(emr), before);
    context.log(`${way.name}: ${took.wall.toFixed(2)} s`);
    const { wall, cpu, memory } = took;
    return { wall, cpu, memory, rows, ...(serverCpu === undefined ? {} : { serverCpu }) };
  };
  const entries: Entry[] = [];
  const compare = async (ways: readonly Way[], rounds: number) => {
    const options = { rounds, slowFactor: Infinity, slowRounds: 0 };
    const results = await alternate(ways, options, (way, round) =>
      context.progress.once(`${way.name} ${String(round)}`, () => measured(way)),
    );
    for (const [{ name, kind, size }, runs] of results) {
      const [rows] = new Set(runs.map((run) => run.rows));
      entries.push({
        ...{ name, kind, size, ...(rows === undefined ? {} : { rows }) },
        runs: [...runs],
      });
    }
  };
  const ours = cleaning(context, store, context.reviews, 1);
  await warmUpSpark(context, context.env);
  await compare([original(context, work), ours], context.settings.ROUNDS);
  const [one, other] = entries;
  if (one?.rows !== other?.rows) {
    throw new Error(
      `the original cleaned ${String(one?.rows)} rows, the job ${String(other?.rows)}`,
    );
  }
  for (const size of sizes) {
    const reviews = await splitReviews(context.reviews, join(work, String(size)), bigDay, size);
    await compare(
      [cleaning(context, store, reviews, size)],
      Math.min(historyRounds, context.settings.ROUNDS),
    );
  }
  return {
    entries,
    notes: [
      'The original misreads doubled quotes and therefore labels a few reviews differently; see docs/adr/0007-one-review-one-line.md.',
    ],
  };
}

function original(context: BenchContext, work: string): Way {
  const target = join(work, 'original');
  const home = `import os, pyspark; print(os.path.dirname(pyspark.__file__))`;
  return {
    name: 'the original script, spark-submit with defaults',
    kind: 'peer',
    size: 1,
    run: async () => {
      const { stdout } = await promisify(execFile)(context.python, ['-c', home]);
      const spark = stdout.trim();
      const took = await measure(
        {
          file: join(spark, 'bin/spark-submit'),
          args: [paths.original, context.reviews, target],
          env: {
            ...context.env,
            SPARK_HOME: spark,
            PYSPARK_PYTHON: context.python,
            PYSPARK_DRIVER_PYTHON: context.python,
            SPARK_LOCAL_IP: '127.0.0.1',
          },
        },
        context,
      );
      const count = `from pyarrow.parquet import read_table; import sys; print(read_table(sys.argv[1]).num_rows)`;
      const counted = await promisify(execFile)(paths.peerPython, ['-c', count, target]);
      return { took, rows: Number(counted.stdout) };
    },
  };
}

/** Measures the job alone: its input is already staged, and nothing is cleaned yet. */
function cleaning(context: BenchContext, store: ObjectStore, reviews: string, days: number): Way {
  return {
    name: `emr-clean, ${String(days)} day${days === 1 ? '' : 's in one application'}`,
    kind: 'ours',
    size: days,
    run: async () => {
      const bucket = await store.makeBucket();
      try {
        const env = { ...context.env, PIPELINE_BUCKET: bucket, REVIEWS_SOURCE: reviews };
        const range = [`--ds=${bigDay}`, `--through=${dayAfter(bigDay, days - 1)}`];
        const args = [...range, '--parallel=4', '--log-format=json'];
        await measure(jobCommand('stage-reviews', args, env), context);
        const took = await measure(jobCommand('emr-clean', args, env), context);
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
