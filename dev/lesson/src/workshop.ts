/**
 * A place to break things in: a copy of the repository to change, and a separate local cloud with the sample.
 * Disposal ends the servers and removes both; the repository itself and its own cloud are never touched.
 */
import { spawn } from 'node:child_process';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env as own, execPath } from 'node:process';
import { startLocalCloud } from '@user-behaviour/local-cloud/local-cloud';
import { type Ended, running } from '@user-behaviour/testkit/running-job';
import { seeded } from '@user-behaviour/testkit/seed-command';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import type { ServiceName } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase, type TestDatabase } from '@user-behaviour/testkit/servers/database';
import { mutate } from '../../../tools/mutation/mutation.ts';
import { type ScratchCopy, scratchCopy } from '../../../tools/mutation/scratch-copy.ts';
import { guardNamed } from './guards.ts';

export type Variables = Readonly<Record<string, string>>;

export interface Workshop extends AsyncDisposable {
  /** The copy of the repository. */
  readonly folder: string;
  /** A folder for files of the lab itself. */
  readonly scratch: string;
  /** What a job needs, with the sample loaded. */
  readonly env: Variables;
  readonly database: TestDatabase;
  readonly bucket: TestBucket;
  /** Another, empty bucket on the same server. */
  readonly anotherBucket: () => Promise<TestBucket>;
  /** Runs a job from the source of the copy, which may have jobs that this checkout lacks. */
  readonly job: (name: string, options: JobOptions) => Promise<Ended>;
  /** Takes the guards out of the copy; disposal puts them back. */
  readonly without: (...guards: readonly string[]) => Promise<AsyncDisposable>;
}

export interface JobOptions {
  readonly args: readonly string[];
  /** Beside those of the workshop. */
  readonly env?: Variables;
}

/** EMR and Redshift also need `s3`. */
export async function openWorkshop(services: readonly ServiceName[]): Promise<Workshop> {
  await using stack = new AsyncDisposableStack();
  const scratch = stack.use(await mkdtempDisposable(join(tmpdir(), 'lab-'))).path;
  const copy = stack.use(await scratchCopy());
  const cloud = stack.use(
    await startLocalCloud({
      stateDir: join(scratch, 'cloud'),
      services,
      // Free ports, never those of the cloud that `make up` starts.
      ports: {},
      allowedHosts: [],
      asSuperuser: true,
    }),
  );
  const bucket = stack.use(await freshBucket(cloud));
  const database = stack.use(await freshDatabase(cloud));
  const source = { SOURCE_DATABASE_URL: database.url, PATH: own['PATH'] ?? '' };
  const env = await seeded({ ...bucket.env, ...source }, scratch);
  const all = stack.move();
  return {
    folder: copy.folder,
    scratch,
    env,
    database,
    bucket,
    anotherBucket: async () => all.use(await freshBucket(cloud)),
    job: (name, options) => runJob(copy, name, { ...options, env: { ...env, ...options.env } }),
    without: (...guards) => takeOut(copy, guards),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function runJob(
  { folder }: ScratchCopy,
  name: string,
  { args, env = {} }: JobOptions,
): Promise<Ended> {
  const main = join(folder, 'packages', name, 'src/main.ts');
  const argv = ['--disable-warning=ExperimentalWarning', main, '--log-format=json', ...args];
  return running(spawn(execPath, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] })).ended;
}

async function takeOut(
  { folder }: ScratchCopy,
  guards: readonly string[],
): Promise<AsyncDisposable> {
  await using back = new AsyncDisposableStack();
  for (const guard of guards) {
    const mutation = guardNamed(guard);
    const path = join(folder, mutation.file);
    const whole = await readFile(path, 'utf8');
    await writeFile(path, mutate(whole, mutation));
    back.defer(() => writeFile(path, whole));
  }
  return back.move();
}
