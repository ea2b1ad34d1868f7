/** The roles as IAM documents. */
import type { Condition, Grant, Role } from './grants.ts';
import { jobs } from './jobs.ts';
import { fill, type NameKey, type Names, namesIn } from './names.ts';
import { operator } from './operator.ts';
import { services } from './services.ts';

export type RoleName = keyof typeof jobs | keyof typeof operator | keyof typeof services;

export const roles: Readonly<Record<RoleName, Role>> = { ...jobs, ...operator, ...services };

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
      readonly Condition?: NonNullable<Statement['Condition']>;
    },
  ];
}

/** No name in a condition has several values. */
const conditionOf = (condition: Condition, names: Names): NonNullable<Statement['Condition']> =>
  Object.fromEntries(
    Object.entries(condition).map(([operator, values]) => [
      operator,
      Object.fromEntries(
        Object.entries(values).map(([key, template]) => [key, fill(template, names).join()]),
      ),
    ]),
  );

/** The names that the grant needs and that are not given. */
function missingIn({ on, condition = {}, needs = [] }: Grant, names: Names): readonly NameKey[] {
  const values = Object.values(condition).flatMap((one) => Object.values(one));
  const needed = [...[...on, ...values].flatMap(namesIn), ...needs];
  return [...new Set(needed)].filter((name) => names[name] === undefined);
}

/** Whether a name that is given makes the grant unnecessary. */
const isUnnecessary = ({ without = [] }: Grant, names: Names): boolean =>
  without.some((name) => names[name] !== undefined);

function statementOf(grant: Grant, names: Names): Statement[] {
  if (isUnnecessary(grant, names) || missingIn(grant, names).length > 0) return [];
  const { sid: Sid, actions: Action, on, condition } = grant;
  const Resource = on.flatMap((template) => fill(template, names));
  const statement = { Sid, Effect: 'Allow', Action, Resource } as const;
  return [
    condition === undefined
      ? statement
      : { ...statement, Condition: conditionOf(condition, names) },
  ];
}

/** The grants that the role's policy lacks because of these names. */
export const leftOut = (
  role: RoleName,
  names: Names,
): readonly { readonly sid: string; readonly missing: readonly NameKey[] }[] =>
  roles[role].grants
    .filter((grant) => !isUnnecessary(grant, names))
    .map((grant) => ({ sid: grant.sid, missing: missingIn(grant, names) }))
    .filter(({ missing }) => missing.length > 0);

/** What the role may do in the account of these names. A grant whose names are not given is left out. */
export const policyOf = (role: RoleName, names: Names): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: roles[role].grants.flatMap((grant) => statementOf(grant, names)),
});

/** Who may take the role. */
export function trustOf(role: RoleName, names: Names): TrustDocument {
  const { services: Service, condition } = roles[role].trust;
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service },
        Action: 'sts:AssumeRole',
        ...(condition === undefined ? {} : { Condition: conditionOf(condition, names) }),
      },
    ],
  };
}

/** ARNs of policies that AWS maintains and that the role has besides. */
export const managedPoliciesOf = (role: RoleName, names: Names): readonly string[] =>
  (roles[role].managedPolicies ?? []).flatMap((template) => fill(template, names));
