/** A gate before the services of the local cloud that enforces a role's policy on each call, as AWS does. */
import type { Names } from '@user-behaviour/rights/names';
import type { PolicyDocument } from '@user-behaviour/rights/policy';
import { type Answer, type HttpCall, type Rule, startHttpProxy } from '../proxies/http-proxy.ts';
import { startJudge } from './judge.ts';
import {
  emrNeeds,
  type Need,
  objectNeeds,
  queryNeeds,
  redshiftNeeds,
  s3Needs,
  secretNeeds,
  tagsOf,
} from './needs.ts';

export interface Gate extends AsyncDisposable {
  /** The variables of the cloud, with the addresses of the gate. */
  readonly env: Readonly<Record<string, string>>;
  /** The actions that calls needed so far. */
  readonly used: Set<string>;
  /** What calls lacked so far. */
  readonly denied: Need[];
  /** Replaces the policy. */
  readonly enforce: (policy: PolicyDocument) => void;
}

const refusalText = ({ action, resource }: Need) =>
  `User: arn:aws:sts::123456789012:assumed-role/job/run is not authorized to perform: ${action} on resource: "${resource}" because no identity-based policy allows the ${action} action`;

const s3Refusal = (need: Need): Answer => ({
  status: 403,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>${refusalText(need)}</Message><RequestId>R1</RequestId></Error>`,
});

const jsonRefusal = (need: Need): Answer => ({
  status: 400,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify({ __type: 'AccessDeniedException', message: refusalText(need) }),
});

/** As IAM and EC2 refuse a call of the Query protocol. */
const queryRefusal = (need: Need): Answer => ({
  status: 403,
  headers: { 'content-type': 'text/xml' },
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${refusalText(need)}</Message></Error></ErrorResponse>`,
});

/** S3 tells only who may list the bucket that a key does not exist. */
const listing = (call: HttpCall): Need | undefined => {
  const [need] = objectNeeds(call);
  if (need?.action !== 's3:GetObject') return undefined;
  return { action: 's3:ListBucket', resource: need.resource.split('/')[0] ?? '' };
};

/** Starts the gate before the services that the variables have. */
export async function startGate(
  cloud: Readonly<Record<string, string>>,
  names: Names,
  policy: PolicyDocument,
): Promise<Gate> {
  await using stack = new AsyncDisposableStack();
  const judge = stack.use(startJudge());
  const clusters = new Map<string, Readonly<Record<string, string>>>();
  const env = { ...cloud };
  const used = new Set<string>();
  const denied: Need[] = [];
  let enforced = policy;

  const firstDenied = async (needed: readonly Need[]): Promise<Need | undefined> => {
    for (const need of needed) {
      used.add(need.action);
      if (await judge.allows(enforced, need)) continue;
      denied.push(need);
      return need;
    }
    return undefined;
  };
  const gateBefore = async (
    variable: string,
    needsOf: (call: HttpCall) => readonly Need[],
    refusal: (need: Need) => Answer,
    answered: NonNullable<Rule['answered']> = (answer) => answer,
  ) => {
    const address = cloud[variable];
    if (address === undefined) return;
    const front = stack.use(await startHttpProxy(address));
    env[variable] = front.url;
    front.rules.push({
      when: () => true,
      instead: async (call) => {
        const need = await firstDenied(needsOf(call));
        return need === undefined ? undefined : refusal(need);
      },
      answered,
    });
  };

  await gateBefore(
    'AWS_ENDPOINT_URL_S3',
    (call) => s3Needs(call, names),
    s3Refusal,
    async (answer, call) => {
      const need = answer.status === 404 ? listing(call) : undefined;
      const refused = need === undefined ? undefined : await firstDenied([need]);
      return refused === undefined ? answer : s3Refusal(refused);
    },
  );
  await gateBefore(
    'AWS_ENDPOINT_URL_EMR',
    (call) => emrNeeds(call, names, clusters),
    jsonRefusal,
    (answer, { body }) => {
      const { JobFlowId } = JSON.parse(answer.body.toString() || '{}') as { JobFlowId?: string };
      if (JobFlowId !== undefined) clusters.set(JobFlowId, tagsOf(body));
      return answer;
    },
  );
  await gateBefore(
    'AWS_ENDPOINT_URL_REDSHIFT_DATA',
    (call) => redshiftNeeds(call, names),
    jsonRefusal,
  );
  await gateBefore('AWS_ENDPOINT_URL_SECRETS_MANAGER', secretNeeds, jsonRefusal);
  for (const variable of ['AWS_ENDPOINT_URL_IAM', 'AWS_ENDPOINT_URL_EC2']) {
    await gateBefore(variable, (call) => queryNeeds(call, names), queryRefusal);
  }
  const started = stack.move();
  return {
    env,
    used,
    denied,
    enforce: (changed) => {
      enforced = changed;
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
