/** What `show` prints of one stage, as text and as JSON. */
import type { Table } from '@user-behaviour/redshift-load/data-api/result';
import type { Failure } from '@user-behaviour/shared/failure';
import { s3Uri } from '@user-behaviour/shared/keys';
import type { Manifest } from '@user-behaviour/shared/manifest/manifest';
import { partialUntil } from '@user-behaviour/shared/manifest/partial-day';
import type { Output } from '../output.ts';
import { records } from '../records.ts';
import { cut } from '../fit-text.ts';
import { formatTable, show } from '../table.ts';
import { formatTime } from '../time-span.ts';

/** Rows of one file or table. */
export interface Sample {
  readonly of: string;
  /** What to know about these rows, or why there are none. */
  readonly note?: string | undefined;
  readonly table?: Table | undefined;
}

export interface Section {
  readonly stage: string;
  /** The dataset or table. */
  readonly where: string;
  /** Why there is nothing to show, e.g. `not published`. */
  readonly note?: string;
  readonly manifest?: Manifest | undefined;
  readonly samples?: readonly Sample[];
  readonly failure?: Failure | undefined;
}

/** A text without a terminal has this many columns, unless it may be wide. */
const textWidth = 100;
/** So many files are listed. */
const mostFiles = 10;

export function sectionsOutput(
  ds: string,
  bucket: string,
  sections: readonly Section[],
  { wide }: { readonly wide: boolean },
): Output {
  return {
    text: (width) =>
      sections
        .map((section) => sectionText(section, bucket, wide ? Infinity : (width ?? textWidth)))
        .join('\n\n'),
    json: () => ({ ds, bucket, stages: sections.map(sectionDocument) }),
  };
}

const sectionDocument = ({ stage, where, note, manifest, samples = [], failure }: Section) => ({
  stage,
  where,
  note: note ?? null,
  failure:
    failure === undefined
      ? null
      : {
          kind: failure.kind,
          exit: failure.exit,
          message: failure.message,
          action: failure.action,
        },
  manifest: manifest ?? null,
  samples: samples.map(({ of, note: about, table }) => ({
    of,
    note: about ?? null,
    columns: table?.columns ?? [],
    rows: table === undefined ? [] : records(table),
  })),
});

function sectionText(
  { stage, where, note, manifest, samples = [], failure }: Section,
  bucket: string,
  width: number,
): string {
  const title = `${stage}: ${where}`;
  return [
    ...[title, '='.repeat(title.length), note ?? '', ...manifestLines(manifest, bucket)],
    ...samples.flatMap(({ of, note: about, table }) => [
      ...(of === where ? [] : ['']),
      [...(of === where ? [] : [of]), ...(about === undefined ? [] : [about])].join(': '),
      ...(table === undefined ? [] : sampleTable(table, width).split('\n')),
    ]),
    ...(failure === undefined ? [] : [`FAILED: ${failure.message}`, failure.action]),
  ]
    .filter((line, index, lines) => line !== '' || (index > 3 && lines[index - 1] !== ''))
    .map((line) => cut(show(line), width))
    .join('\n');
}

/** One row of many columns is shown as a line for each column. */
function sampleTable({ columns: names, types, rows }: Table, width: number): string {
  const columns = names.map((name, index) =>
    types[index] === 'timestamp' ? `${name} (UTC)` : name,
  );
  const [only] = rows;
  if (rows.length === 0) return '(no rows)';
  return only !== undefined && rows.length === 1 && columns.length > 8
    ? formatTable(
        ['column', 'value'],
        columns.map((column, index) => [column, only[index]]),
        { width },
      )
    : formatTable(columns, rows, { width });
}

function manifestLines(manifest: Manifest | undefined, bucket: string): string[] {
  if (manifest === undefined) return [];
  const { totals, files } = manifest;
  const until = partialUntil(manifest);
  const folder = files[0]?.key.replace(/[^/]*$/, '') ?? '';
  const listed = files.slice(0, mostFiles);
  const label = (name: string) => name.padEnd(12);
  const pairs = (of: Readonly<Record<string, string | number | boolean>>) =>
    Object.entries(of).map(([name, value]) => `${name} ${String(value)}`);
  const lines = (name: string, values: readonly string[]) =>
    values.map((value, index) => `${label(index === 0 ? name : '')}${value}`);
  return [
    `${label('published')}${formatTime(new Date(manifest.finishedAt))} by ${manifest.job.name} ${manifest.job.version}`,
    `${label('run')}${manifest.run}, generation ${String(manifest.generation)}`,
    ...lines('partial', until === undefined ? [] : [`complete until ${formatTime(until)}`]),
    `${label('rows')}${String(totals.rows)}, ${String(totals.bytes)} bytes`,
    ...lines(
      'rejected',
      pairs(manifest.rejected).filter((pair) => !pair.endsWith(' 0')),
    ),
    ...lines('parameters', pairs(manifest.parameters)),
    ...lines(
      'made from',
      manifest.upstream.map(
        ({ key, run, generation }) =>
          `${key.split('/').slice(0, 2).join('/')}, run ${run}, generation ${String(generation)}`,
      ),
    ),
    ...lines('files', folder === '' ? [] : [s3Uri(bucket, folder)]),
    ...listed.map(
      ({ key, rows, bytes }) =>
        `${label('')}${String(rows)} rows, ${String(bytes)} bytes: ${key.replace(folder, '')}`,
    ),
    ...(files.length > listed.length
      ? [`${label('')}and ${String(files.length - listed.length)} more`]
      : []),
  ];
}
