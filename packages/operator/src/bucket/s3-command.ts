/** `operator s3`: lists and reads objects of the pipeline's bucket; it writes nothing. */
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { Failure } from '@user-behaviour/shared/failure';
import { s3Uri } from '@user-behaviour/shared/keys';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import type { Bucket } from '@user-behaviour/shared/s3/list-objects';
import type { Argv } from 'yargs';
import { operatorConfiguration } from '../config.ts';
import type { Output } from '../output.ts';
import type { Shell } from '../shell.ts';
import { type Cell, formatTable } from '../table.ts';
import { parseRowCount } from '../row-count.ts';
import { formatTime } from '../time-span.ts';
import { requireLocalCloud } from '../world/world.ts';
import { readObjectStart } from './object-start.ts';

const verbs = ['ls', 'cat', 'head'];

/** The most bytes of an object that `cat` reads. */
const catSize = 1024 * 1024;

export function s3Command(cli: Argv, { env, print, report }: Shell): Argv {
  return cli.command(
    's3 [verb] [path]',
    'ls, cat or head in the bucket',
    (options) =>
      options
        .positional('verb', { type: 'string' })
        .positional('path', { type: 'string' })
        .option('rows', { type: 'string', default: '10', describe: 'lines of head' }),
    async ({ verb = '', path = '', rows }) => {
      if (!verbs.includes(verb)) {
        throw new Failure('usage', `s3 knows ${verbs.join(', ')}, not ${JSON.stringify(verb)}`);
      }
      const lines = parseRowCount(rows);
      const configuration = operatorConfiguration(env);
      await requireLocalCloud({ AWS_ENDPOINT_URL_S3: configuration.AWS_ENDPOINT_URL_S3 });
      const key = keyOf(path, configuration.PIPELINE_BUCKET);
      const s3 = createS3Client(configuration);
      try {
        const where = { s3, bucket: configuration.PIPELINE_BUCKET };
        if (verb === 'ls') {
          const { text, continues } = await listFolder(where, key);
          print(text);
          if (continues) report('… and more: name a longer prefix');
          return;
        }
        if (key === '') throw new Failure('usage', `s3 ${verb} needs the key of an object`);
        const found = await readObjectStart(where, key, verb === 'cat' ? catSize : undefined);
        const shown = verb === 'cat' ? found : firstLines(found.text, lines, found.continues);
        print(plain(shown.text));
        if (verb === 'cat' && found.continues) report(`… cut after ${String(catSize)} bytes`);
      } finally {
        s3.destroy();
      }
    },
  );
}

/** The key that was typed, without `s3://bucket/`. @throws a usage failure for another bucket. */
export function keyOf(path: string, bucket: string): string {
  const [, named, key = ''] = /^s3:\/\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  if (named === undefined) return path;
  if (named === bucket) return key;
  throw new Failure('usage', `${path} is not in PIPELINE_BUCKET=${bucket}`);
}

/** One page of a folder, as S3 lists it with the delimiter `/`. */
async function listFolder({ s3, bucket }: Bucket, prefix: string) {
  const page = await attempt(`list ${s3Uri(bucket, prefix)}`, () =>
    s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, Delimiter: '/' })),
  );
  const rows: Cell[][] = [
    ...(page.CommonPrefixes ?? []).map(({ Prefix }) => ['', undefined, Prefix]),
    ...(page.Contents ?? []).map(({ Key, Size, LastModified }) => [
      LastModified === undefined ? '' : formatTime(LastModified),
      Size,
      Key,
    ]),
  ];
  const text =
    rows.length === 0
      ? `nothing below ${s3Uri(bucket, prefix)}`
      : formatTable(['modified', 'bytes', 'key'], rows);
  return { text, continues: page.IsTruncated === true };
}

function firstLines(text: string, count: number, continues: boolean) {
  const lines = text.split('\n');
  return { text: lines.slice(0, count).join('\n'), continues: continues || lines.length > count };
}

/** As it is; on a terminal without control characters, which could change more than what is shown. */
const plain = (text: string): Output => {
  const whole = text.replace(/\n$/, '');
  return {
    text: (width) => (width === undefined ? whole : whole.replaceAll(/[^\P{Cc}\n\t]/gu, ' ')),
    json: () => whole,
  };
};
