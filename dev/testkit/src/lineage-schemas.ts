/** Checks events against the schemas of OpenLineage in ../openlineage. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const folder = join(import.meta.dirname, '../openlineage');

interface Schema {
  readonly $id: string;
  readonly $defs: Readonly<
    Record<string, { readonly allOf?: readonly { readonly $ref?: string }[] }>
  >;
}

const schemas = globSync('*.json', { cwd: folder }).map(
  (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Schema,
);

// `example` and `deprecated` are words of OpenLineage's schemas, not of JSON Schema.
const ajv = new Ajv2020({ allErrors: true, strict: false });
formats.default(ajv);
for (const schema of schemas) ajv.addSchema(schema);

/** What a facet at this place of an event must be. */
const kinds = {
  run: 'RunFacet',
  job: 'JobFacet',
  dataset: 'DatasetFacet',
  input: 'InputDatasetFacet',
  output: 'OutputDatasetFacet',
};

type Facets = Readonly<Record<string, { readonly _schemaURL?: string }>>;

interface Dataset {
  readonly facets?: Facets;
  readonly inputFacets?: Facets;
  readonly outputFacets?: Facets;
}

interface Event {
  readonly schemaURL?: string;
  readonly run?: { readonly facets?: Facets };
  readonly job?: { readonly facets?: Facets };
  readonly inputs?: readonly Dataset[];
  readonly outputs?: readonly Dataset[];
}

/** A sentence for each fault; none if the event and all of its facets are as the specification says. */
export function faultsOfEvent(event: Event): string[] {
  const datasets = [...(event.inputs ?? []), ...(event.outputs ?? [])];
  return [
    ...faults('event', event.schemaURL ?? '', event),
    ...faultsOfFacets('run', event.run?.facets),
    ...faultsOfFacets('job', event.job?.facets),
    ...datasets.flatMap(({ facets }) => faultsOfFacets('dataset', facets)),
    ...datasets.flatMap(({ inputFacets }) => faultsOfFacets('input', inputFacets)),
    ...datasets.flatMap(({ outputFacets }) => faultsOfFacets('output', outputFacets)),
  ];
}

function faultsOfFacets(place: keyof typeof kinds, facets: Facets = {}): string[] {
  return Object.entries(facets).flatMap(([key, facet]) => {
    const url = facet._schemaURL ?? '';
    const [id = '', name = ''] = url.split('#/$defs/');
    const schema = schemas.find(({ $id }) => $id === id);
    const isOfKind = schema?.$defs[name]?.allOf?.some(({ $ref }) =>
      $ref?.endsWith(`/${kinds[place]}`),
    );
    return [
      ...(schema !== undefined && isOfKind !== true ? [`${key} is no ${kinds[place]}`] : []),
      ...(schema === undefined ? [`${key}: no schema ${url}`] : faults(key, id, { [key]: facet })),
    ];
  });
}

/** `url` is an $id, with or without a fragment. */
function faults(what: string, url: string, value: unknown): string[] {
  const validate = ajv.getSchema(url);
  if (validate === undefined) return [`${what}: no schema ${url}`];
  if (validate(value) === true) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) =>
      `${what}${instancePath}: ${message} ${JSON.stringify(params)}`,
  );
}
