/** The rules of cdk-nag, and the answers to its findings: a rule that does not hold for a construct, and why. */
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, type IApplyRule } from 'cdk-nag';
import type { IConstruct } from 'constructs';

/** @param id a rule such as AwsSolutions-S1, or one finding, as AwsSolutions-IAM5[Action::s3:Get*] */
export const acknowledge = (construct: IConstruct, id: string, reason: string): void => {
  Validations.of(construct).acknowledge({ id, reason });
};

const withWildcardResources = new WeakSet<IConstruct>();

/** Answers IAM5 for the resources in a policy, but not for its actions. cdk-nag wants each by name, and names have tokens. */
export function acknowledgeResources(construct: IConstruct, reason: string): void {
  acknowledge(construct, 'AwsSolutions-IAM5', reason);
  withWildcardResources.add(construct);
}

export class SecurityRules extends AwsSolutionsChecks {
  protected override applyRule(params: IApplyRule): void {
    const { node } = params;
    const isAnswered =
      params.ruleSuffixOverride === 'IAM5' &&
      node.node.scopes.some((scope) => withWildcardResources.has(scope));
    if (!isAnswered) {
      super.applyRule(params);
      return;
    }
    const actions: IApplyRule['rule'] = (checked) => {
      const findings = params.rule(checked);
      return Array.isArray(findings)
        ? findings.filter((finding) => !finding.startsWith('Resource::'))
        : findings;
    };
    super.applyRule({ ...params, rule: actions });
  }
}
