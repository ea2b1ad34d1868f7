/** Measures one task with several candidates: each run writes to an empty bucket, and its output is checked. */
import { alternate } from '../measure/alternation.ts';
import type { Candidate } from './candidate.ts';
import type { CsvDigest } from '../measure/csv-digest.ts';
import type { Cloud } from '../servers/local-cloud.ts';
import { measure } from '../measure/measurement.ts';
import { ObjectStore } from '../servers/object-store.ts';
import type { Progress } from '../progress/progress.ts';
import type { Entry, Run } from '../result.ts';
import { difference, cpuTime } from '../measure/server-time.ts';
import { dayQuery, expectedDigest, runSql } from '../servers/source-database.ts';

export interface ExtractOptions {
  readonly cloud: Cloud;
  /** The environment of the candidates; AWS_ENDPOINT_URL_S3 is the server they write to. */
  readonly env: Readonly<Record<string, string>>;
  readonly databaseUrl: string;
  readonly ds: string;
  readonly rounds: number;
  readonly python: string;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly progress: Progress;
  /** A candidate that takes this many times as long as the first gets two runs; default: 4. */
  readonly slowFactor?: number;
}

/** Slow candidates take a minute each: two runs are enough. */
const slow = { slowFactor: 4, slowRounds: 2 };

/** A small day that every source has; each peer first has to succeed on it. */
const probeDay = '2010-12-02';

export async function measureCandidates(
  candidates: readonly Candidate[],
  options: ExtractOptions,
): Promise<readonly Entry[]> {
  const { cloud, databaseUrl, ds, log, progress } = options;
  using store = new ObjectStore(options.env);
  const outputs = new Map<Candidate, CheckedOutput>();
  const postgres = await cloud.pidOf('postgres');

  const expected = new Map<string, CsvDigest>();
  for (const day of [probeDay, ds]) expected.set(day, await expectedDigest(databaseUrl, day));
  const wanted = expectedOf(expected, ds);

  const one = async (candidate: Candidate, day: string) => {
    const bucket = await store.makeBucket();
    const env = { ...options.env, SOURCE_DATABASE_URL: databaseUrl, PIPELINE_BUCKET: bucket };
    try {
      const command = await candidate.command({ env, bucket, ds: day, query: await dayQuery(day) });
      const before = await cpuTime(postgres);
      const { wall, cpu, memory } = await measure(command, options);
      await sessionsEnded(databaseUrl);
      const serverCpu = difference(await cpuTime(postgres), before);
      const seen = day === ds ? outputs.get(candidate) : undefined;
      const output = await check(candidate, store, bucket, expectedOf(expected, day), seen);
      log(`${day} ${candidate.name}: ${wall.toFixed(3)} s`);
      const run = { wall, cpu, memory, ...(serverCpu === undefined ? {} : { serverCpu }) };
      return { run, ...(output === undefined ? {} : { output }) };
    } finally {
      await store.deleteBucket(bucket);
    }
  };
  const able: Candidate[] = [];
  for (const candidate of candidates) {
    // A peer that fails on this machine is left out and named; ours must not fail.
    const reason = candidate.kind === 'peer' ? await errorOf(one(candidate, probeDay)) : undefined;
    options.signal.throwIfAborted();
    if (reason === undefined) able.push(candidate);
    else log(`${candidate.name} is left out: ${reason}`);
  }
  const { rounds, slowFactor = slow.slowFactor } = options;
  const results = await alternate(
    able,
    { ...slow, rounds, slowFactor },
    async (candidate, round): Promise<Run> => {
      const key = `${ds} ${candidate.name} ${String(round)}`;
      const { run, output } = await progress.once(key, () => one(candidate, ds));
      if (output !== undefined) outputs.set(candidate, output);
      return run;
    },
  );
  return able.map((candidate): Entry => {
    const output = outputs.get(candidate);
    return {
      name: candidate.name,
      kind: candidate.kind,
      runs: [...(results.get(candidate) ?? [])],
      ...(output === undefined
        ? { rows: wanted.rows, bytes: wanted.bytes }
        : { rows: output.rows, bytes: output.bytes, sameAsPostgres: output.sameAsPostgres }),
      ...(candidate.note === undefined ? {} : { note: candidate.note }),
    };
  });
}

const errorOf = (probe: Promise<unknown>): Promise<string | undefined> =>
  probe.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

function expectedOf(digests: ReadonlyMap<string, CsvDigest>, day: string): CsvDigest {
  const digest = digests.get(day);
  if (digest === undefined) throw new Error(`no expected content for ${day}`);
  return digest;
}

interface CheckedOutput {
  readonly rows: number;
  readonly bytes: number;
  readonly sameAsPostgres: boolean;
}

/**
 * Reads the whole output of the first run; of later runs only the size, if equal input gives equal output.
 * @throws if rows are missing, or if our output is not PostgreSQL's CSV.
 */
async function check(
  { name, kind, isOutput, isStable }: Candidate,
  store: ObjectStore,
  bucket: string,
  expected: CsvDigest,
  earlier: CheckedOutput | undefined,
): Promise<CheckedOutput | undefined> {
  if (isOutput === undefined) return undefined;
  const objects = (await store.list(bucket)).filter(isOutput);
  const bytes = objects.reduce((sum, object) => sum + object.bytes, 0);
  if (earlier !== undefined && isStable === true) {
    if (bytes === earlier.bytes) return earlier;
    throw new Error(
      `${name} wrote ${String(bytes)} bytes, but ${String(earlier.bytes)} in its first run`,
    );
  }
  const digests = await store.digest(
    bucket,
    objects.map(({ key }) => key),
  );
  const rows = digests.reduce((sum, digest) => sum + digest.rows, 0);
  if (rows !== expected.rows) {
    throw new Error(`${name} wrote ${String(rows)} rows, expected ${String(expected.rows)}`);
  }
  const [only] = digests;
  const sameAsPostgres =
    digests.length === 1 &&
    only?.content === expected.content &&
    only.header === expected.header &&
    only.bytes === expected.bytes;
  if (kind === 'ours' && !sameAsPostgres) {
    throw new Error(`the output of ${name} differs from that of PostgreSQL's COPY`);
  }
  return { rows, bytes, sameAsPostgres };
}

/** Waits until the candidate's sessions have ended, so that none runs beside the next candidate. */
async function sessionsEnded(databaseUrl: string): Promise<void> {
  const others = `select from pg_stat_activity
    where backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid()`;
  const until = Date.now() + 10_000;
  while ((await runSql(databaseUrl, others)).length > 0 && Date.now() < until);
}
