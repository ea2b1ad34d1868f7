/** The servers: a local cloud with a state folder of its own, by its command line. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { parseEnv, promisify } from 'node:util';
import { places, workspace } from '../places.ts';
import { giveSourceMemory } from '../measure/source-memory.ts';

export interface Cloud extends AsyncDisposable {
  /** The variables that lead to it, as in `.env.local`. */
  readonly env: Readonly<Record<string, string>>;
  /** The process of one of its servers. */
  readonly pidOf: (part: 'postgres' | 's3' | 'emr' | 'redshift') => Promise<number | undefined>;
}

const program = join(workspace, 'dev/local-cloud/src/main.ts');

/** Starts what is not up; stopped at the end, its data stay. @throws with what it said. */
export async function startCloud(
  base: Readonly<Record<string, string>>,
  state: string = places.cloud,
): Promise<Cloud> {
  const run = (command: string) =>
    promisify(execFile)(
      execPath,
      [
        '--disable-warning=ExperimentalWarning',
        program,
        command,
        `--state=${state}`,
        `--write-env=${places.cloudEnvironment}`,
      ],
      { env: { ...base }, cwd: workspace },
    );
  const start = async () => {
    await run('up');
    return parseEnv(await readFile(places.cloudEnvironment, 'utf8'));
  };
  let settings = await start();
  if (await giveSourceMemory(settings['SOURCE_DATABASE_URL'] ?? '')) {
    await run('down');
    settings = await start();
  }
  return {
    env: { ...base, ...(settings as Record<string, string>) },
    pidOf: async (part) => {
      const text = await readFile(join(state, 'run', `${part}.json`), 'utf8').catch(() => '{}');
      const { pid } = JSON.parse(text) as { pid?: number };
      return pid;
    },
    [Symbol.asyncDispose]: async () => {
      await run('down');
    },
  };
}
