/** The rights of the roles as a Markdown table, for docs/contract.md. */
import type { Condition, Grant } from './grants.ts';
import { roles } from './policy.ts';

const header = ['role', 'allow', 'on', 'if'] as const;

const code = (text: string): string => `\`${text}\``;

/** `s3:GetObject`, `PutObject`: the service is said once. */
function actionsText(actions: readonly string[]): string {
  let service = '';
  const shown = actions.map((action) => {
    const [prefix = '', name = ''] = action.split(':');
    const isNew = prefix !== service;
    service = prefix;
    return code(isNew ? action : name);
  });
  return shown.join(', ');
}

/** Without what is the same for all: the partition, the account, the pipeline's bucket. */
function resourceText(template: string): string {
  if (template === 'arn:{partition}:s3:::{bucket}') return 'the bucket';
  const short = template
    .replace('arn:{partition}:s3:::{bucket}/', '')
    .replace(/^arn:\{partition\}:s3:::/, 's3://')
    .replace(/^arn:\{partition\}:[\w-]+:\{region\}:\{account\}:/, '');
  return code(short);
}

const conditionTexts = (condition: Condition): readonly string[] =>
  Object.values(condition).flatMap((values) =>
    Object.entries(values).map(([key, value]) => `${code(key)} is ${resourceText(value)}`),
  );

const row = (role: string, { actions, on, condition = {}, note }: Grant): readonly string[] => [
  role,
  actionsText(actions),
  on.map(resourceText).join(', '),
  [...(note === undefined ? [] : [note]), ...conditionTexts(condition)].join('; '),
];

function rows(): readonly (readonly string[])[] {
  return Object.values(roles).flatMap(({ holder, grants, managedPolicies = [] }) => {
    const managed = managedPolicies.map((arn) => [
      '',
      `the policy ${code(arn.split('/').at(-1) ?? arn)} of AWS`,
      '',
      '',
    ]);
    return [...grants.map((grant, index) => row(index === 0 ? holder : '', grant)), ...managed];
  });
}

/** As prettier formats it. */
function rightsTable(): string {
  const cells = rows();
  const widths = header.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join(
    '\n',
  );
}

const begin = '<!-- From infra/rights, by `npx nx run rights:docs`: begin -->';
const end = '<!-- From infra/rights: end -->';

/** The document with the current table between its marks. @throws if it lacks them. */
export function withTable(document: string): string {
  const [before, rest] = document.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`the document lacks the lines ${begin} and ${end}`);
  }
  return `${before}${begin}\n\n${rightsTable()}\n\n${end}${after}`;
}
