/** The servers: a local cloud with a separate state folder, started by its command line. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { parseEnv, promisify } from 'node:util';
import { paths, workspace } from '../paths.ts';
import { setSharedBuffers } from '../measure/source-memory.ts';

export interface Cloud extends AsyncDisposable {
  /** Its addresses and credentials, as in `.env.local`. */
  readonly env: Readonly<Record<string, string>>;
  /** The process id of one of its servers. */
  readonly pidOf: (part: 'postgres' | 's3' | 'emr' | 'redshift') => Promise<number | undefined>;
}

/** The address of the source for the login that may create databases, which is in the cloud's state alone. */
async function asSuperuser(address: string, state: string): Promise<string> {
  const text = await readFile(join(state, 'state.json'), 'utf8');
  const { postgresPassword: password } = JSON.parse(text) as { postgresPassword: string };
  return Object.assign(new URL(address), { username: 'postgres', password }).href;
}

const program = join(workspace, 'dev/local-cloud/src/main.ts');

/** Starts what is not running. Disposal stops it and keeps its data. @throws with its output. */
export async function startCloud(
  base: Readonly<Record<string, string>>,
  state: string = paths.cloud,
): Promise<Cloud> {
  const run = (command: string) =>
    promisify(execFile)(
      execPath,
      [
        '--disable-warning=ExperimentalWarning',
        program,
        command,
        `--state=${state}`,
        `--write-env=${paths.cloudEnvironment}`,
      ],
      { env: { ...base }, cwd: workspace },
    );
  const start = async () => {
    await run('up');
    const settings = parseEnv(await readFile(paths.cloudEnvironment, 'utf8'));
    const source = await asSuperuser(settings['SOURCE_DATABASE_URL'] ?? '', state);
    return { ...settings, SOURCE_DATABASE_URL: source };
  };
  let settings = await start();
  if (await setSharedBuffers(settings.SOURCE_DATABASE_URL)) {
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
