/**
 * The names of the datasets by OpenLineage's conventions (openlineage.io/docs/spec/naming), from the variables
 * that the jobs have anyway. Users and passwords are left out. Pure.
 */
import { resolve } from 'node:path';
import { parseS3Uri } from '../keys.ts';
import { isDataset, pipeline, stageOf } from '../pipeline.ts';
import type { Environment } from '../runner/config.ts';
import { isSet } from '../environment/is-set.ts';
import { defaultNamespace } from './default-namespace.ts';

export interface Place {
  readonly namespace: string;
  readonly name: string;
  /** The tables over the same files in the data catalog. */
  readonly catalog?: readonly { readonly namespace: string; readonly name: string }[];
}

/** Redshift listens there unless it is told otherwise; the Data API needs no port. */
const portOfRedshift = 5439;

/** The external tables of sql/warehouse/ddl, in the database of 010_external_schema.sql. */
const tablesOfCatalog: Readonly<Record<string, readonly string[]>> = {
  'user_purchase/stage': ['user_purchase_staging', 'user_purchase_staging_parquet'],
  'movie_review/stage': ['movie_review_clean_stage'],
};

type Value = (name: string) => string | undefined;

/** Where a dataset of pipeline.ts lies: what a stage writes, or its source. */
export function placeOf(dataset: string, environment: Environment): Place {
  const value: Value = (name) => (isSet(environment, name) ? environment[name] : undefined);
  if (isDataset(dataset)) return inBucket(dataset, value);
  if (pipeline.some(({ writes }) => writes === dataset)) return inWarehouse(dataset, value);
  if (dataset === stageOf('extract-purchases').source.name) return sourceTable(dataset, value);
  const file = dataset === stageOf('stage-reviews').source.name && value('REVIEWS_SOURCE');
  return file ? deliveredFile(file) : { namespace: defaultNamespace, name: dataset };
}

function inBucket(dataset: string, value: Value): Place {
  const place = { namespace: `s3://${value('PIPELINE_BUCKET') ?? ''}`, name: dataset };
  const [, partition, account] =
    /^arn:([\w-]+):iam::(\d{12}):/.exec(value('SPECTRUM_ROLE_ARN') ?? '') ?? [];
  const [tables, region] = [tablesOfCatalog[dataset], value('AWS_REGION')];
  if (tables === undefined || region === undefined || account === undefined) return place;
  const namespace = `arn:${String(partition)}:glue:${region}:${account}`;
  const catalog = tables.map((table) => ({ namespace, name: `table/user_behaviour/${table}` }));
  return { ...place, catalog };
}

function inWarehouse(table: string, value: Value): Place {
  // The conventions know clusters only; a workgroup is named in its place.
  const cluster = value('REDSHIFT_CLUSTER_ID') ?? value('REDSHIFT_WORKGROUP') ?? '';
  return {
    namespace: `redshift://${cluster}.${value('AWS_REGION') ?? ''}:${String(portOfRedshift)}`,
    name: `${value('REDSHIFT_DATABASE') ?? ''}.${table}`,
  };
}

/** A source whose address is in a secret has the name of the secret, unless OPENLINEAGE_SOURCE says more. */
function sourceTable(table: string, value: Value): Place {
  const address = value('OPENLINEAGE_SOURCE') ?? value('SOURCE_DATABASE_URL') ?? '';
  if (!/^postgres(ql)?:/.test(address) || !URL.canParse(address)) {
    return { namespace: value('SOURCE_DATABASE_SECRET_ARN') ?? defaultNamespace, name: table };
  }
  const { hostname, port, pathname, username } = new URL(address);
  // Without a database PostgreSQL takes the one that has the name of the user.
  const database = pathname.length > 1 ? pathname.slice(1) : username;
  return {
    namespace: `postgres://${hostname}:${port || '5432'}`,
    name: `${database}.${table}`,
  };
}

/** The folder above the first part of the path that has the day in it: one dataset, not one a day. */
function deliveredFile(source: string): Place {
  const object = parseS3Uri(source);
  const path = object?.Key ?? resolve(source);
  const at = path.indexOf('{ds}');
  const place = at === -1 ? path : path.slice(0, Math.max(path.lastIndexOf('/', at), 0)) || '/';
  return { namespace: object === undefined ? 'file' : `s3://${object.Bucket}`, name: place };
}
