/** `operator page`: draws the state of the pipeline as one HTML file. It reads everywhere and writes that file only. */
import { resolve } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { writeFileAtomically } from '@user-behaviour/shared/atomic-file';
import { Failure } from '@user-behaviour/shared/failure';
import { fileErrorKind } from '@user-behaviour/shared/file-errors';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import type { Argv } from 'yargs';
import { operatorConfiguration } from '../config.ts';
import { parseDue } from '../health/health-command.ts';
import type { Shell } from '../shell.ts';
import { requireLocalCloud } from '../world/world.ts';
import { drawPage } from './page.ts';
import { type Question, readPageFacts } from './read-facts.ts';

type Target = { readonly file: string } | { readonly bucket: string; readonly key: string };

/** Of every command that draws the page. */
export const viewOptions = {
  due: {
    type: 'string',
    default: '06:00',
    describe: 'when a day must be loaded, in UTC of the day after',
  },
  customers: {
    type: 'boolean',
    default: false,
    describe: 'also the customers who spend most, by id',
  },
} as const;

export async function drawPageOf(question: Question, shell: Shell): Promise<string> {
  await requireLocalCloud(shell.env);
  return drawPage(await readPageFacts(question, shell));
}

export function pageCommand(cli: Argv, shell: Shell): Argv {
  return cli.command(
    'page',
    'draw the state of the pipeline as one HTML file',
    (options) =>
      options
        .option('out', {
          type: 'string',
          default: 'page.html',
          describe: 'a file, or s3://bucket/key.html',
        })
        .options(viewOptions)
        .option('as-of', {
          type: 'string',
          describe: 'draw it as of this time, e.g. 2010-12-02T07:00:00Z',
        }),
    async ({ out, due, asOf, customers }) => {
      const target = parseTarget(out, shell);
      const question = {
        asOf: parseTime(asOf, shell.optionName('as-of')),
        due: parseDue(due, shell.optionName('due')),
        customers,
      };
      const page = await drawPageOf(question, shell);
      await write(target, page, shell);
      shell.print('file' in target ? target.file : out);
    },
  );
}

/** make runs in the root: a path is relative to where it was called. */
function parseTarget(out: string, { env, optionName }: Pick<Shell, 'env' | 'optionName'>): Target {
  const option = optionName('out');
  if (!out.endsWith('.html')) {
    throw new Failure(
      'usage',
      `${option} must end with .html, so that it replaces nothing else; it is ${out}`,
    );
  }
  if (!out.startsWith('s3:')) return { file: resolve(env['INVOKED_FROM'] ?? '.', out) };
  const [, bucket, key] = /^s3:\/\/([a-z0-9.-]+)\/([^/].*)$/.exec(out) ?? [];
  if (bucket !== undefined && key !== undefined) return { bucket, key };
  throw new Failure('usage', `${option} must be a file or s3://bucket/key.html, not ${out}`);
}

function parseTime(text: string | undefined, option: string): Date {
  if (text === undefined) return new Date();
  const time = new Date(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/.test(text) ? text : NaN);
  if (!Number.isNaN(time.getTime())) return time;
  throw new Failure(
    'usage',
    `${option} must be a time in UTC such as 2010-12-02T07:00:00Z, not ${text}`,
  );
}

/** A reader sees the page as it was or the new one, also after a failure. */
async function write(target: Target, page: string, { env }: Pick<Shell, 'env'>): Promise<void> {
  if ('file' in target) {
    try {
      await writeFileAtomically(target.file, [page]);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      throw new Failure(fileErrorKind(code), `${target.file} cannot be written: ${code}`, {
        cause: error,
        action:
          'name a file in a folder that you may write to; the one that was there is unchanged',
      });
    }
    return;
  }
  const { bucket, key } = target;
  const s3 = createS3Client(operatorConfiguration(env));
  try {
    await attempt(`write s3://${bucket}/${key}`, () =>
      s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: page,
          ContentType: 'text/html; charset=utf-8',
          CacheControl: 'no-cache',
        }),
      ),
    );
  } finally {
    s3.destroy();
  }
}
