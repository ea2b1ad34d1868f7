/** The roles as IAM documents. */
import type { Condition, Grant, Role } from './grants.ts';
import { jobs } from './jobs.ts';
import { fill, type Names } from './names.ts';
import { services } from './services.ts';

export type RoleName = keyof typeof jobs | keyof typeof services;

export const roles: Readonly<Record<RoleName, Role>> = { ...jobs, ...services };

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

export interface TrustDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly [
    {
      readonly Effect: 'Allow';
      readonly Principal: { readonly Service: readonly string[] };
      readonly Action: 'sts:AssumeRole';
      readonly Condition?: Statement['Condition'];
    },
  ];
}

/** Undefined if a name in it is not given. */
function conditionOf(condition: Condition, names: Names): Statement['Condition'] {
  const filled: Record<string, Record<string, string>> = {};
  for (const [operator, values] of Object.entries(condition)) {
    for (const [name, template] of Object.entries(values)) {
      const [value] = fill(template, names);
      if (value === undefined) return undefined;
      filled[operator] = { ...filled[operator], [name]: value };
    }
  }
  return filled;
}

function statementOf(grant: Grant, names: Names): Statement[] {
  const { sid, actions, on, condition, needs = [], without = [] } = grant;
  if (needs.some((name) => names[name] === undefined)) return [];
  if (without.some((name) => names[name] !== undefined)) return [];
  const resources = on.map((template) => fill(template, names));
  if (resources.some((filled) => filled.length === 0)) return [];
  const statement = {
    Sid: sid,
    Effect: 'Allow',
    Action: actions,
    Resource: resources.flat(),
  } as const;
  if (condition === undefined) return [statement];
  const Condition = conditionOf(condition, names);
  return Condition === undefined ? [] : [{ ...statement, Condition }];
}

/** What the role may do in the account of these names. A grant whose names are not given is left out. */
export const policyOf = (role: RoleName, names: Names): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: roles[role].grants.flatMap((grant) => statementOf(grant, names)),
});

/** Who may take the role. */
export function trustOf(role: RoleName, names: Names): TrustDocument {
  const { services: Service, condition } = roles[role].trust;
  const Condition = condition === undefined ? undefined : conditionOf(condition, names);
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service },
        Action: 'sts:AssumeRole',
        ...(Condition === undefined ? {} : { Condition }),
      },
    ],
  };
}

/** ARNs of policies that AWS maintains and that the role has besides. */
export const managedPoliciesOf = (role: RoleName, names: Names): readonly string[] =>
  (roles[role].managedPolicies ?? []).flatMap((template) => fill(template, names));
