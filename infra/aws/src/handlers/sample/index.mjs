// Loads the sample into the demo source and puts the vendor's files into the bucket. As AWS Lambda, behind a custom
// resource; the files are beside this one.
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const database = new RDSDataClient({});
/** A cluster that has paused refuses calls for some seconds; the SDK does not repeat them. */
const resuming = { tries: 60, pause: 2_000 };
const secrets = new SecretsManagerClient({});
const bucket = new S3Client({});

/**
 * A second run replaces the purchases and the files by the same. Nothing is undone on delete.
 * @param {{
 *   RequestType: 'Create' | 'Update' | 'Delete',
 *   ResourceProperties: {
 *     clusterArn: string, adminSecretArn: string, readerSecretArn: string, database: string,
 *     bucket: string, prefix: string, region: string, ddl: string[],
 *   },
 * }} event
 * @throws with the statement's first line and PostgreSQL's message
 */
export async function handler({ RequestType, ResourceProperties: properties }) {
  if (RequestType !== 'Delete') {
    await putFiles(properties);
    for (const { sql, shown = sql } of [
      ...properties.ddl.map((sql) => ({ sql })),
      { sql: 'create extension if not exists aws_s3 cascade' },
      ...(await readerStatements(properties.readerSecretArn)),
      ...importStatements(properties),
    ]) {
      await run(properties, sql, shown);
    }
  }
  return { PhysicalResourceId: `${properties.clusterArn}/${properties.database}` };
}

async function putFiles({ bucket: Bucket, prefix }) {
  const reviews = await readdir(join(import.meta.dirname, 'reviews'));
  for (const name of ['purchases.csv', ...reviews.map((file) => `reviews/${file}`)]) {
    const Body = await readFile(join(import.meta.dirname, name));
    await bucket.send(new PutObjectCommand({ Bucket, Key: `${prefix}/${name}`, Body }));
  }
}

/** The role of the job: it may read the table, as docs/contract.md wants. */
async function readerStatements(SecretId) {
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId }));
  const { username, password } = JSON.parse(SecretString);
  return [
    {
      sql: `do $$ begin create role ${username} login; exception when duplicate_object then null; end $$`,
    },
    {
      // The generated password has no quotes.
      sql: `alter role ${username} password '${password}'`,
      shown: `alter role ${username} password …`,
    },
    { sql: `grant usage on schema retail to ${username}` },
    { sql: `grant select on retail.user_purchase to ${username}` },
  ];
}

const importStatements = ({ bucket, prefix, region }) => [
  { sql: 'truncate retail.user_purchase' },
  {
    sql:
      `select aws_s3.table_import_from_s3('retail.user_purchase', '', '(format csv, header true)', ` +
      `aws_commons.create_s3_uri('${bucket}', '${prefix}/purchases.csv', '${region}'))`,
  },
  { sql: 'analyze retail.user_purchase' },
];

async function run({ clusterArn, adminSecretArn, database: name }, sql, shown, tries = 1) {
  try {
    await database.send(
      new ExecuteStatementCommand({
        resourceArn: clusterArn,
        secretArn: adminSecretArn,
        database: name,
        sql,
      }),
    );
  } catch (error) {
    if (error.name === 'DatabaseResumingException' && tries < resuming.tries) {
      await setTimeout(resuming.pause);
      return run({ clusterArn, adminSecretArn, database: name }, sql, shown, tries + 1);
    }
    throw new Error(`${shown.split('\n')[0]}: ${error.name}: ${error.message}`, { cause: error });
  }
}
