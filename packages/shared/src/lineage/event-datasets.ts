/** The inputs and outputs of a run's events, with what is known of them. Pure. */
import type { Stage } from '../pipeline.ts';
import type { DayRecord } from '../runner/day-record.ts';
import { columnsOf, derivations, type Origin } from './columns.ts';
import { type Facets, facets } from './facets.ts';
import type { Place } from './places.ts';
import type { ReadInput } from './read-input.ts';

export interface EventDataset {
  readonly namespace: string;
  readonly name: string;
  readonly facets: Facets;
  readonly inputFacets?: Facets;
  readonly outputFacets?: Facets;
}

/** What the events are made from: a record, or what is known of a run without one. */
export type LineageRecord = Pick<
  DayRecord,
  'job' | 'ds' | 'run' | 'status' | 'startedAt' | 'finishedAt' | 'kind' | 'message' | 'audit'
> & {
  /** Of the job's release, if it is known. */
  readonly version?: string;
  readonly [fact: string]: unknown;
};

type PlaceOf = (dataset: string) => Place;

/** The datasets that a stage reads, its source included. */
export const readsOf = ({ source, reads }: Pick<Stage, 'source' | 'reads'>): readonly string[] => [
  ...(source === undefined ? [] : [source.name]),
  ...reads,
];

/** The name alone. */
export function bareDataset(dataset: string, placeOf: PlaceOf): EventDataset {
  const { namespace, name } = placeOf(dataset);
  return { namespace, name, facets: {} };
}

export function inputDataset(
  dataset: string,
  record: LineageRecord,
  placeOf: PlaceOf,
): EventDataset {
  const read = inputsOf(record).find((input) => input.dataset === dataset);
  return {
    ...bareDataset(dataset, placeOf),
    facets: describedBy(dataset, read?.run, placeOf),
    inputFacets: facets({
      inputStatistics: readStatistics(record, read),
      dataQualityAssertions: assertions(dataset, record),
    }),
  };
}

export function outputDataset(
  dataset: string,
  record: LineageRecord,
  placeOf: PlaceOf,
): EventDataset {
  const written = hasWritten(record);
  const { publishedRun, rows: rowCount, bytes: size, files: fileCount } = record;
  const version = publishedRun ?? (record.status === 'loaded' ? record.run : undefined);
  return {
    ...bareDataset(dataset, placeOf),
    facets: {
      ...describedBy(dataset, version, placeOf),
      ...facets({ columnLineage: columnLineage(dataset, placeOf) }),
    },
    outputFacets: facets({ outputStatistics: written ? { rowCount, size, fileCount } : undefined }),
  };
}

/** A run that found the day as it should be wrote nothing, and need have read nothing but manifests. */
const hasWritten = ({ status }: LineageRecord): boolean =>
  status === 'published' || status === 'loaded';

const inputsOf = ({ inputs }: LineageRecord): readonly ReadInput[] =>
  Array.isArray(inputs) ? (inputs as ReadInput[]) : [];

function readStatistics(record: LineageRecord, read: ReadInput | undefined) {
  if (!hasWritten(record)) return undefined;
  if (read !== undefined) {
    const { rows: rowCount, bytes: size, files: fileCount } = read;
    return rowCount === undefined ? undefined : { rowCount, size, fileCount };
  }
  // A source has no manifest: every row that was read is published or rejected.
  return inputsOf(record).length > 0
    ? undefined
    : { rowCount: Number(record['rows'] ?? 0) + Number(record['rejected'] ?? 0) };
}

/** What an audit judges, if that is not everything that the load reads. */
const auditedInputs: Readonly<Record<string, string>> = {
  purchases_conserved: 'user_purchase/stage',
  purchases_of_published_run: 'user_purchase/stage',
  amounts_fit: 'user_purchase/stage',
  reviews_conserved: 'movie_review/stage',
  reviews_of_published_run: 'movie_review/stage',
};

/**
 * The audits that ran: those that held (the fact `audits`), and the one that failed. OpenLineage knows assertions
 * of inputs only, so an audit of the metric is one of all that it is made from.
 */
function assertions(dataset: string, { audits, audit: failed }: LineageRecord) {
  const held = Array.isArray(audits) ? (audits as string[]) : [];
  const ran = failed === undefined ? held : [...held, failed];
  const own = ran.filter((audit) => (auditedInputs[audit] ?? dataset) === dataset);
  if (own.length === 0) return undefined;
  return {
    assertions: own.map((name) => ({
      assertion: 'custom_sql',
      name,
      success: name !== failed,
      severity: 'error',
    })),
  };
}

function describedBy(dataset: string, version: unknown, placeOf: PlaceOf): Facets {
  const columns = columnsOf[dataset];
  const { catalog } = placeOf(dataset);
  return facets({
    schema: columns && {
      fields: Object.entries(columns).map(([name, type], index) => ({
        ...{ name, type },
        ordinal_position: index + 1,
      })),
    },
    version: typeof version === 'string' ? { datasetVersion: version } : undefined,
    symlinks: catalog && {
      identifiers: catalog.map((table) => ({ ...table, type: 'TABLE' })),
    },
  });
}

function columnLineage(dataset: string, placeOf: PlaceOf) {
  const derivation = derivations[dataset];
  if (derivation === undefined) return undefined;
  const field = ({ dataset: input, column, type, subtype }: Origin) => {
    const { namespace, name } = placeOf(input);
    return { namespace, name, field: column, transformations: [{ type, subtype }] };
  };
  const fields = Object.entries(derivation.columns).map(
    ([column, origins]) => [column, { inputFields: origins.map(field) }] as const,
  );
  return { fields: Object.fromEntries(fields), dataset: derivation.rows.map(field) };
}
