/** Roles as the rights module has them: nothing here adds a right. */
import type { Names } from '@user-behaviour/rights/names';
import { managedPoliciesOf, policyOf, type RoleName, trustOf } from '@user-behaviour/rights/policy';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Construct } from 'constructs';
import type { Context } from './context.ts';
import { acknowledge, acknowledgeResources } from './findings.ts';
import { projectTag, type StoragePart } from './parts.ts';

/** The names that every role needs. */
export const namesOf = (context: Context, storage: StoragePart): Names => ({
  partition: RegionInfo.get(context.region).partition ?? 'aws',
  region: context.region,
  account: context.account,
  bucket: storage.bucketName,
  logsBucket: storage.logsBucketName,
  project: projectTag[1],
  ...(context.kmsKeyArn === undefined ? {} : { kmsKeyArn: context.kmsKeyArn }),
});

/** @param roleName fixed only where something outside CloudFormation knows the role by its name */
export function roleOf(scope: Construct, role: RoleName, names: Names, roleName?: string): CfnRole {
  const managedPolicyArns = [...managedPoliciesOf(role, names)];
  const policyDocument = policyOf(role, names);
  const made = new CfnRole(scope, `Role-${role}`, {
    ...(roleName === undefined ? {} : { roleName }),
    assumeRolePolicyDocument: trustOf(role, names),
    ...(managedPolicyArns.length === 0 ? {} : { managedPolicyArns }),
    policies: [{ policyName: 'rights', policyDocument }],
  });
  acknowledgeResources(
    made,
    'No action has a wildcard. `*` stands for the days and runs below a prefix, the versions of a task definition, or ' +
      'the resource of an action that takes none; infra/rights says which, and its tests check it.',
  );
  for (const policy of managedPolicyArns) {
    acknowledge(
      made,
      `AwsSolutions-IAM4[Policy::${policy}]`,
      'AWS keeps this policy in step with its service, and limits it to what is tagged for it.',
    );
  }
  return made;
}
