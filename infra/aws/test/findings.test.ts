/** That the rules fail a deployment, and that an answer covers no more than it says. */
import { App, Stack, Validations } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { expect, it } from 'vitest';
import { acknowledgeResources, SecurityRules } from '../src/findings.ts';

function findingsOf(fill: (stack: Stack) => void): readonly string[] {
  const app = new App();
  fill(new Stack(app, 'stack'));
  const rules = new SecurityRules(app);
  return rules.validateScope(app).violations.map(({ ruleName }) => ruleName);
}

const role = (stack: Stack, action: string, resource: string) =>
  new CfnRole(stack, 'Role', {
    assumeRolePolicyDocument: {},
    policies: [
      {
        policyName: 'rights',
        policyDocument: {
          Statement: [{ Effect: 'Allow', Action: [action], Resource: [resource] }],
        },
      },
    ],
  });

it('finds a bucket that takes plain HTTP, and a wildcard', () => {
  expect(findingsOf((stack) => new Bucket(stack, 'Bucket'))).toContain('AwsSolutions-S10');
  expect(findingsOf((stack) => role(stack, 's3:GetObject', '*'))).toEqual([
    'AwsSolutions-IAM5[Resource::*]',
  ]);
});

it('answers the resources of a role, but not its actions', () => {
  const found = findingsOf((stack) => {
    acknowledgeResources(role(stack, 's3:*', '*'), 'a reason');
  });
  expect(found).toEqual(['AwsSolutions-IAM5[Action::s3:*]']);
});

it('fails the synthesis', () => {
  const app = new App();
  new Bucket(new Stack(app, 'stack'), 'Bucket');
  Validations.of(app).addPlugins(new SecurityRules(app));
  expect(() => app.synth()).toThrow(/AwsSolutions-S10/);
});
