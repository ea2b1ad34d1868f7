/** The requests of the Redshift Data API and their constraints according to the API model. */
import * as z from 'zod';
import { ServiceError } from '@user-behaviour/local-cloud/endpoint/json-endpoint';

/** The text of a statement is at most 100 KB. */
const sql = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= 100_000, 'the statement is longer than 100 KB');
const wait = z.number().int().min(1).max(30).optional();
const token = z.string().optional();
const maxResults = z.number().int().min(0).max(1000).optional();

const address = {
  WorkgroupName: z.string().optional(),
  ClusterIdentifier: z.string().optional(),
  SecretArn: z.string().optional(),
  DbUser: z.string().optional(),
};

const execution = {
  ...address,
  Database: z.string().optional(),
  StatementName: z.string().max(2048).optional(),
  // Values are non-empty strings; a parameter cannot be NULL.
  Parameters: z
    .array(z.object({ name: z.string().regex(/^[0-9a-zA-Z_]+$/), value: z.string().min(1) }))
    .min(1)
    .optional(),
  ClientToken: z.string().min(1).max(64).optional(),
  ResultFormat: z.enum(['JSON', 'CSV']).default('JSON'),
  WithEvent: z.boolean().optional(),
  SessionId: z.undefined('sessions are not supported by this local warehouse').optional(),
  SessionKeepAliveSeconds: z
    .literal(0, 'sessions are not supported by this local warehouse')
    .optional(),
  WaitTimeSeconds: wait,
};

const statementId = z
  .string()
  .regex(
    /^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d+)?$/,
    'id must be a UUID, with :n for a part',
  );

export const executeRequest = z.object({ ...execution, Sql: sql });
export const batchRequest = z.object({
  ...execution,
  Sqls: z.array(sql).min(1).max(40),
  ExecutionMode: z.enum(['TRANSACTION', 'AUTO_COMMIT']).default('TRANSACTION'),
});
export const idRequest = z.object({ Id: statementId, WaitTimeSeconds: wait, NextToken: token });
export const listRequest = z.object({
  ...address,
  Database: z.string().optional(),
  NextToken: token,
  MaxResults: z.number().int().min(0).max(100).optional(),
  StatementName: z.string().max(2048).optional(),
  Status: z
    .enum(['ABORTED', 'ALL', 'FAILED', 'FINISHED', 'PICKED', 'STARTED', 'SUBMITTED'])
    .default('FINISHED'),
});
export const metadataRequest = z.object({
  ...address,
  Database: z.string().optional(),
  ConnectedDatabase: z.string().optional(),
  SchemaPattern: z.string().optional(),
  TablePattern: z.string().optional(),
  Schema: z.string().optional(),
  Table: z.string().optional(),
  NextToken: token,
  MaxResults: maxResults,
});

export type Address = z.infer<z.ZodObject<typeof address>>;
export type Execution = z.infer<z.ZodObject<typeof execution>>;

/** The parsed request. @throws a ValidationException that names every invalid field. */
export function readRequest<Schema extends z.ZodType>(
  schema: Schema,
  input: Record<string, unknown>,
): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new ServiceError('ValidationException', faults.join('; '));
}

/** Requires exactly one of WorkgroupName and ClusterIdentifier, with the name of this endpoint. */
export function checkTarget(request: Address, workgroup: string): Record<string, string> {
  const { WorkgroupName, ClusterIdentifier } = request;
  if ((WorkgroupName === undefined) === (ClusterIdentifier === undefined)) {
    throw new ServiceError(
      'ValidationException',
      'Exactly one of WorkgroupName and ClusterIdentifier must be given',
    );
  }
  if ((WorkgroupName ?? ClusterIdentifier) !== workgroup) {
    throw new ServiceError(
      'ValidationException',
      `Redshift endpoint doesn't exist in this region: the local one is '${workgroup}'`,
    );
  }
  const names = ['WorkgroupName', 'ClusterIdentifier', 'SecretArn', 'DbUser'] as const;
  return Object.fromEntries(
    names.flatMap((name) => (request[name] === undefined ? [] : [[name, request[name]]])),
  );
}
