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
import type { Shell } from '../shell.ts';
import { requireLocalCloud } from '../world/world.ts';
import { drawPage } from './page.ts';
import { readPageFacts } from './read-facts.ts';

type Target = { readonly file: string } | { readonly bucket: string; readonly key: string };

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
        .option('cwd', { type: 'string', default: '.', hidden: true })
        .option('due', {
          type: 'string',
          default: '06:00',
          describe: 'when a day must be loaded, in UTC of the day after',
        })
        .option('as-of', {
          type: 'string',
          describe: 'draw it as of this time, e.g. 2010-12-02T07:00:00Z',
        })
        .option('customers', {
          type: 'boolean',
          default: false,
          describe: 'also the customers who spend most, by id',
        }),
    async ({ out, cwd, due, asOf, customers }) => {
      const target = parseTarget(out, cwd, shell.optionName('out'));
      const question = {
        asOf: parseTime(asOf, shell.optionName('as-of')),
        due: parseDue(due, shell.optionName('due')),
        customers,
      };
      await requireLocalCloud(shell.env);
      const page = drawPage(await readPageFacts(question, shell));
      await write(target, page, shell);
      shell.print('file' in target ? target.file : out);
    },
  );
}

function parseTarget(out: string, cwd: string, option: string): Target {
  if (!out.endsWith('.html')) {
    throw new Failure(
      'usage',
      `${option} must end with .html, so that it replaces nothing else; it is ${out}`,
    );
  }
  if (!out.startsWith('s3:')) return { file: resolve(cwd, out) };
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

/** Milliseconds after midnight. */
function parseDue(text: string, option: string): number {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hours !== undefined && minutes !== undefined) {
    return (Number(hours) * 60 + Number(minutes)) * 60_000;
  }
  throw new Failure('usage', `${option} must be a time such as 06:00, not ${text}`);
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
