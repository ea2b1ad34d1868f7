/**
 * The step between synthesis and deployment to ministack, which refuses a template with a type that it does not know:
 * it replaces those by a resource that every CloudFormation has and that does nothing. All else is deployed as it is.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Not known to ministack 1.5. Types of the project's own (`Custom::`) run in Lambda, whose code it does not run. */
const unknownTypes = [
  'AWS::Budgets::Budget',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EMR::SecurityConfiguration',
  'AWS::RedshiftServerless::Namespace',
  'AWS::RedshiftServerless::Workgroup',
  // Known, but a database would be a container.
  'AWS::RDS::DBCluster',
  'AWS::RDS::DBInstance',
  'AWS::SecretsManager::SecretTargetAttachment',
];

const isUnknown = (type: string): boolean =>
  unknownTypes.includes(type) || type.startsWith('Custom::');

interface Template {
  readonly Resources: Record<string, { readonly Type: string; readonly DependsOn?: unknown }>;
}

/** Changes the templates in the folder of a cloud assembly; resolves to the replaced types. */
export async function replaceUnknownTypes(assembly: string): Promise<readonly string[]> {
  const replaced = new Set<string>();
  for (const name of await readdir(assembly)) {
    if (!name.endsWith('.template.json')) continue;
    const file = join(assembly, name);
    const before = await readFile(file, 'utf8');
    const template = JSON.parse(before) as Template;
    const names = Object.entries(template.Resources).filter(([, { Type }]) => isUnknown(Type));
    for (const [id, { Type, DependsOn }] of names) {
      replaced.add(Type);
      template.Resources[id] = {
        Type: 'AWS::CloudFormation::WaitConditionHandle',
        ...(DependsOn === undefined ? {} : { DependsOn }),
      };
    }
    const stubs = new Set(names.map(([id]) => id));
    const after = JSON.stringify(template, (_, value: unknown) => withoutAttributes(value, stubs));
    await writeFile(file, after);
    await renewHash(assembly, name.replace('.template.json', ''), after);
  }
  return [...replaced].toSorted();
}

/** The stub has no attributes: each is a made-up ARN. */
function withoutAttributes(value: unknown, stubs: ReadonlySet<string>): unknown {
  const attribute = (value as { 'Fn::GetAtt'?: readonly string[] } | null)?.['Fn::GetAtt'];
  const [id = '', name = ''] = attribute ?? [];
  return stubs.has(id) ? `arn:aws:stub:us-east-1:000000000000:${id}/${name}` : value;
}

/** The CLI uploads a template under its hash, and would take the one of an earlier upload. */
async function renewHash(assembly: string, stack: string, template: string): Promise<void> {
  const hash = createHash('sha256').update(template).digest('hex');
  const assets = join(assembly, `${stack}.assets.json`);
  const text = await readFile(assets, 'utf8');
  const { files } = JSON.parse(text) as {
    files: Record<string, { readonly source: { readonly path: string } }>;
  };
  const [old] = Object.entries(files).find(
    ([, { source }]) => source.path === `${stack}.template.json`,
  ) ?? [''];
  if (old === '') throw new Error(`${stack}.assets.json does not list its template`);
  const manifest = join(assembly, 'manifest.json');
  for (const file of [assets, manifest]) {
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(old, hash));
  }
}
