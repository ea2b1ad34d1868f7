/** The facets of OpenLineage that this project uses, each with the version of its schema. */

/** Who made the metadata. */
export const producer = 'urn:user-behaviour-pipeline:lineage';

const schemas = {
  nominalTime: ['1-0-1', 'NominalTimeRunFacet'],
  parent: ['1-2-0', 'ParentRunFacet'],
  processing_engine: ['1-1-1', 'ProcessingEngineRunFacet'],
  errorMessage: ['1-0-1', 'ErrorMessageRunFacet'],
  externalQuery: ['1-0-2', 'ExternalQueryRunFacet'],
  jobType: ['2-0-4', 'JobTypeJobFacet'],
  sql: ['1-1-0', 'SQLJobFacet'],
  schema: ['1-2-0', 'SchemaDatasetFacet'],
  version: ['1-0-1', 'DatasetVersionDatasetFacet'],
  symlinks: ['1-0-1', 'SymlinksDatasetFacet'],
  columnLineage: ['1-2-0', 'ColumnLineageDatasetFacet'],
  dataQualityAssertions: ['1-1-0', 'DataQualityAssertionsDatasetFacet'],
  inputStatistics: ['1-0-0', 'InputStatisticsInputDatasetFacet'],
  outputStatistics: ['1-0-2', 'OutputStatisticsOutputDatasetFacet'],
} as const;

interface Facet {
  readonly _producer: string;
  readonly _schemaURL: string;
  readonly [field: string]: unknown;
}

/** By the keys of OpenLineage. */
export type Facets = Readonly<Record<string, Facet>>;

/** Facets with these fields. One without fields is left out. */
export function facets(
  given: Partial<Record<keyof typeof schemas, Readonly<Record<string, unknown>> | undefined>>,
): Facets {
  const made = Object.entries(given).flatMap(([key, fields]) => {
    if (fields === undefined) return [];
    const [version, name] = schemas[key as keyof typeof schemas];
    const _schemaURL = `https://openlineage.io/spec/facets/${version}/${name}.json#/$defs/${name}`;
    return [[key, { _producer: producer, _schemaURL, ...fields }] as const];
  });
  return Object.fromEntries(made);
}
