/**
 * Gives every call of a job to a server a stable name: service, operation and object, without the day, the
 * run and other values that vary; pure.
 */

export interface Effect {
  readonly name: string;
  /** Whether the call is repeated until something has ended: only the first and the last one count. */
  readonly poll: boolean;
}

const effect = (...words: readonly string[]): Effect => ({
  name: words.filter((word) => word !== '').join(' '),
  poll: false,
});

/** `user_purchase/stage/2010-12-01/r1/x.csv` becomes `user_purchase/stage/{ds}/{run}/x.csv`. */
function keyName(key: string): string {
  return key
    .replace(/\/\d{4}-\d{2}-\d{2}\/[^/]+\//, '/{ds}/{run}/')
    .replace(/\/\d{4}-\d{2}-\d{2}\//, '/{ds}/')
    .replace(/^(runs\/[^/]+\/)[^/.]+(?=\.)/, '$1{run}')
    .replace(/\.\d{8}T\d{6}Z-[0-9a-f]+\.jsonl$/, '.{process}.jsonl')
    .replace(/scripts\/[0-9a-f]{64}\//, 'scripts/{sha256}/')
    .replace(/part-\d+-[^/]*\.(\w+)$/, 'part-*.$1');
}

export interface HttpCall {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A call to S3 with a path-style address. */
export function s3Effect({ method, url, headers }: HttpCall): Effect {
  const { pathname, searchParams: query } = new URL(url, 'http://s3');
  const [, , ...rest] = decodeURIComponent(pathname).split('/');
  const key = keyName(rest.join('/') || (query.get('prefix') ?? ''));
  const condition = ['if-match', 'if-none-match'].find(
    (name) => method === 'PUT' && headers[name] !== undefined,
  );
  return effect('s3', s3Operation(method, query), key, condition ?? '');
}

function s3Operation(method: string, query: URLSearchParams): string {
  const upload = query.has('uploadId');
  switch (method) {
    case 'GET':
      return query.has('list-type') ? 'ListObjectsV2' : 'GetObject';
    case 'HEAD':
      return 'HeadObject';
    case 'PUT':
      return upload ? `UploadPart ${query.get('partNumber') ?? ''}` : 'PutObject';
    case 'DELETE':
      return upload ? 'AbortMultipartUpload' : 'DeleteObject';
    case 'POST':
      if (query.has('delete')) return 'DeleteObjects';
      return upload ? 'CompleteMultipartUpload' : 'CreateMultipartUpload';
    default:
      return method;
  }
}

/** The last segment of `job/ds/run/step`; `prepare/…` stays whole. */
const stepOf = (name: string): string => /(?:prepare\/)?[^/]+$/.exec(name)?.[0] ?? '';

/** `names` maps the ids that EMR and Redshift returned to names. */
export function emrEffect(target: string, body: string, names: Map<string, string>): Effect {
  const { Steps, StepId, StepStates } = JSON.parse(body) as {
    readonly Steps?: readonly { readonly Name?: string }[];
    readonly StepId?: string;
    readonly StepStates?: readonly string[];
  };
  const operation = operationOf(target);
  const step = stepOf(Steps?.[0]?.Name ?? names.get(StepId ?? '') ?? '');
  const states = operation === 'ListSteps' ? (StepStates ?? ['all']).join('+') : '';
  return { ...effect('emr', operation, step, states), poll: operation === 'DescribeStep' };
}

export function redshiftEffect(target: string, body: string, names: Map<string, string>): Effect {
  const { StatementName, Id = '' } = JSON.parse(body) as {
    readonly StatementName?: string;
    readonly Id?: string;
  };
  const operation = operationOf(target);
  const step = stepOf(StatementName ?? names.get(Id.split(':')[0] ?? '') ?? '');
  return { ...effect('redshift-data', operation, step), poll: operation === 'DescribeStatement' };
}

export const secretsManagerEffect = (target: string): Effect =>
  effect('secretsmanager', operationOf(target));

const operationOf = (target: string): string => target.split('.').at(-1) ?? '';

/** The ids in a reply with their names: later calls ask for statements and steps by id. */
export function namesFromReply(request: string, reply: string): [id: string, name: string][] {
  const asked = JSON.parse(request) as {
    readonly StatementName?: string;
    readonly Steps?: readonly { readonly Name?: string }[];
  };
  const { Id, StepIds, Steps } = JSON.parse(reply) as {
    readonly Id?: string;
    readonly StepIds?: readonly string[];
    readonly Steps?: readonly { readonly Id?: string; readonly Name?: string }[];
  };
  return [
    ...(asked.StatementName === undefined ? [] : [[Id ?? '', asked.StatementName] as const]),
    ...(StepIds ?? []).map((id, at) => [id, asked.Steps?.[at]?.Name ?? ''] as const),
    ...(Steps ?? []).map(({ Id: id = '', Name = '' }) => [id, Name] as const),
  ].map(([id, name]) => [id, name]);
}

/** Whether the reply to a poll says that the statement or step has ended. */
export function reportsEnd(reply: string): boolean {
  const { Status, Step } = JSON.parse(reply) as {
    readonly Status?: string;
    readonly Step?: { readonly Status?: { readonly State?: string } };
  };
  const state = Step?.Status?.State ?? Status ?? '';
  return /^(FINISHED|FAILED|ABORTED|COMPLETED|CANCELLED|INTERRUPTED)$/.test(state);
}

/** A statement to PostgreSQL. */
export function postgresEffect(sql: string): Effect {
  const text = sql
    .replaceAll(/--.*$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\d{4}-\d{2}-\d{2}/g, '{ds}')
    .replace(/^savepoint \w+; /, '')
    .trim();
  const verb = /^(begin|commit|rollback|copy|explain|select pg_cancel_backend)\b/i.exec(text)?.[1];
  return effect('postgres', verb === undefined ? text.slice(0, 40) : verb.toLowerCase());
}
