/**
 * What a transient cluster needs, as far as the job may look. A role, profile, group or subnet that does not exist is a
 * failure. That the job may not look at one, or cannot reach its service, is a warning: starting a cluster needs no such right.
 */
import {
  DescribeSecurityConfigurationCommand,
  type EMRClient,
  ListClustersCommand,
} from '@aws-sdk/client-emr';
import { Failure } from '@user-behaviour/shared/failure';
import type { CheckResult, HealthCheck } from '@user-behaviour/shared/runner/health-checks';
import { attempt, awsErrorName, httpStatus } from '@user-behaviour/shared/s3/aws-errors';
import { managedPoliciesTag } from './cluster/cluster-request.ts';
import { type QueryService, signedQuery } from './cluster/signed-query.ts';
import type { CleanConfiguration } from './config.ts';

/** One or more resources of a kind that variables name. */
interface Named {
  readonly kind: string;
  readonly names: readonly (string | undefined)[];
  /** For the message. */
  readonly variable: string;
  /** The right to look. */
  readonly right: string;
  /** Whether a service role with the managed policy needs it tagged. */
  readonly isTagged?: boolean;
  /** Returns the answer. */
  readonly look: (name: string) => Promise<string>;
}

export function transientClusterChecks(
  emr: EMRClient,
  configuration: CleanConfiguration,
): HealthCheck[] {
  const ask = (service: QueryService, action: string, parameter: string) => {
    const own = service === 'iam' ? 'AWS_ENDPOINT_URL_IAM' : 'AWS_ENDPOINT_URL_EC2';
    return async (name: string) => {
      const endpoint = configuration[own];
      if (endpoint === undefined && configuration.AWS_ENDPOINT_URL_EMR !== undefined) {
        throw new NotAsked(`AWS_ENDPOINT_URL_EMR is set and ${own} is not`);
      }
      return signedQuery(emr, service, { Action: action, [parameter]: name }, endpoint);
    };
  };
  const all: readonly Named[] = [
    {
      kind: 'service role',
      names: [resourceName(configuration.EMR_SERVICE_ROLE)],
      variable: 'EMR_SERVICE_ROLE',
      right: 'iam:GetRole',
      look: ask('iam', 'GetRole', 'RoleName'),
    },
    {
      kind: 'instance profile',
      names: [resourceName(configuration.EMR_JOB_FLOW_ROLE)],
      variable: 'EMR_JOB_FLOW_ROLE',
      right: 'iam:GetInstanceProfile',
      look: ask('iam', 'GetInstanceProfile', 'InstanceProfileName'),
    },
    {
      kind: 'subnet',
      names: configuration.EMR_SUBNET_ID ?? [],
      variable: 'EMR_SUBNET_ID',
      right: 'ec2:DescribeSubnets',
      isTagged: true,
      look: ask('ec2', 'DescribeSubnets', 'SubnetId.1'),
    },
    {
      kind: 'security group',
      names: [
        configuration.EMR_PRIMARY_SECURITY_GROUP,
        configuration.EMR_CORE_SECURITY_GROUP,
        configuration.EMR_SERVICE_SECURITY_GROUP,
      ],
      variable: 'EMR_PRIMARY_SECURITY_GROUP, EMR_CORE_SECURITY_GROUP or EMR_SERVICE_SECURITY_GROUP',
      right: 'ec2:DescribeSecurityGroups',
      isTagged: true,
      look: ask('ec2', 'DescribeSecurityGroups', 'GroupId.1'),
    },
    {
      kind: 'security configuration',
      names: [configuration.EMR_SECURITY_CONFIGURATION],
      variable: 'EMR_SECURITY_CONFIGURATION',
      right: 'elasticmapreduce:DescribeSecurityConfiguration',
      look: async (Name) => {
        await emr.send(new DescribeSecurityConfigurationCommand({ Name }));
        return '';
      },
    },
  ];
  return [
    listing(emr, configuration),
    ...all.flatMap((one) => {
      const names = [...new Set(one.names)].filter((name) => name !== undefined);
      if (names.length === 0) return [];
      return [{ name: `transient cluster: ${one.kind}`, run: () => check(one, names) }];
    }),
  ];
}

/** Lists the clusters but starts none, because that costs money. */
const listing = (emr: EMRClient, configuration: CleanConfiguration): HealthCheck => ({
  name: 'transient cluster: list clusters',
  run: async () => {
    await attempt('list the clusters', () => emr.send(new ListClustersCommand({})));
    const { EMR_RELEASE_LABEL: release, EMR_INSTANCE_TYPE: type } = configuration;
    const spot = configuration.EMR_TASK_SPOT_COUNT;
    const also = spot === 0 ? '' : ` and ${String(spot)} spot`;
    return {
      found: `${release}, ${String(configuration.EMR_INSTANCE_COUNT)}${also} × ${type}; starting one was not tested`,
    };
  },
});

/** A service that may be another one than that of the cluster is not asked. */
class NotAsked extends Error {}

async function check(one: Named, names: readonly string[]): Promise<CheckResult> {
  const untagged: string[] = [];
  for (const name of names) {
    try {
      const answer = await one.look(name);
      if (one.isTagged === true && !tagged.test(answer)) untagged.push(name);
    } catch (error) {
      if (error instanceof NotAsked) return { found: `not looked at: ${error.message}` };
      if (isMissing(error)) {
        throw new Failure('configuration', `${one.kind} ${name} does not exist`, {
          cause: error,
          action: `create it, or correct ${one.variable}`,
        });
      }
      return notSeen(one, error);
    }
  }
  const found = names.join(', ');
  if (untagged.length === 0) return { found };
  return {
    found: `${found}; without the tag ${managedPoliciesTag}=true: ${untagged.join(', ')}`,
    advice: `tag what is named, if the service role has the policy AmazonEMRServicePolicy_v2: it can use nothing else`,
  };
}

function notSeen({ right }: Named, error: unknown): CheckResult {
  const said = error instanceof Error ? error.message : String(error);
  const isDenied = httpStatus(error) === 403 || awsErrorName(error).startsWith('AccessDenied');
  return {
    found: `not looked at: ${awsErrorName(error)}: ${said}`,
    advice: isDenied
      ? `grant ${right}, so that the check can look; starting a cluster does not need it`
      : `let this host reach the service, so that the check can look; starting a cluster does not need it`,
  };
}

const tagged = new RegExp(`<key>${managedPoliciesTag}</key>\\s*<value>true</value>`);

/** IAM: no such entity, or no possible name. EC2: not found, or no possible id. EMR has one error for all. */
const isMissing = (error: unknown): boolean =>
  /^NoSuchEntity|^ValidationError$|\.NotFound$|Malformed$/.test(awsErrorName(error)) ||
  (error instanceof Error && /^Security configuration .* does not exist/.test(error.message));

/** The name at the end of an ARN, or the name itself. */
const resourceName = (name: string | undefined): string | undefined =>
  name?.slice(name.lastIndexOf('/') + 1);
