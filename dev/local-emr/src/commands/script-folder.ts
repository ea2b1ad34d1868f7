/** The folder in which the script of a step runs: its home, and programs that stand in for those of a cluster. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, extname, join } from 'node:path';
import type { PossibleS3 } from '@user-behaviour/local-cloud/s3/s3-client';
import type { SparkSettings } from '../spark/spark-environment.ts';
import { fileCommands } from './file-command.ts';

/** The variable with the path of a StepFile. */
export const stepFile = 'LOCAL_EMR_STEP';

/** What command-program.ts must know. */
export interface StepFile {
  readonly s3: PossibleS3;
  readonly hdfsDir: string;
  readonly spark: SparkSettings;
  /** The folder of Spark's cache. */
  readonly cache: string;
  readonly eventLogDir: string;
  readonly home: string;
  readonly workDir: string;
}

/**
 * Creates `home`, `bin` and the StepFile in `workDir`. Returns the complete environment of the script: nothing of the
 * caller's except where its programs are, and the keys of this local cloud, which a cluster has from its role.
 */
export async function scriptFolder(step: StepFile): Promise<NodeJS.ProcessEnv> {
  const { home, workDir, s3 } = step;
  const bin = join(workDir, 'bin');
  const temporary = join(home, 'tmp');
  for (const folder of [temporary, bin]) await mkdir(folder, { recursive: true });
  const file = join(workDir, 'step.json');
  await writeFile(file, JSON.stringify(step), { mode: 0o600 });
  const program = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    // In a package it is another bundle.
    join(import.meta.dirname, `command-program${extname(import.meta.filename)}`),
  ].map(quoted);
  for (const name of [...Object.keys(fileCommands), 'spark-submit']) {
    const script = join(bin, name);
    await writeFile(script, `#!/bin/sh\nexec ${program.join(' ')} ${name} "$@"\n`);
    await chmod(script, 0o700);
  }
  const { PATH, LANG, LC_ALL } = process.env;
  return {
    ...{ LANG, LC_ALL },
    PATH: [bin, PATH ?? ''].join(delimiter),
    HOME: home,
    TMPDIR: temporary,
    USER: 'hadoop',
    // The time zone of EMR's machines.
    TZ: 'UTC',
    [stepFile]: file,
    // Without S3, a client must not fall back to AWS itself.
    AWS_ENDPOINT_URL_S3: s3.endpoint ?? 'http://there-is-no-s3-here.invalid',
    AWS_REGION: s3.region,
    AWS_DEFAULT_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
  };
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
