/** The templates of the app, synthesized in this process. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from '../src/app.ts';
import { writeSampleFunction } from '../src/sample-function.ts';
import { exampleContext } from './example-parts.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

export interface Templates {
  /** By the stack's name. */
  readonly resources: Readonly<Record<string, Readonly<Record<string, Resource>>>>;
  /** The files, by the stack's name. */
  readonly files: Readonly<Record<string, string>>;
}

/** What tests write; the caller of vitest removes its folder of temporary files. */
export const scratch = mkdtempSync(join(tmpdir(), 'aws-'));
const sample = join(scratch, 'sample');
await writeSampleFunction(sample);

/** @throws if a finding of cdk-nag is not answered */
export function synthesize(values: Readonly<Record<string, unknown>> = {}): Templates {
  const out = mkdtempSync(join(scratch, 'cdk-'));
  const { stacks } = buildApp(exampleContext(values), { sample, out }).synth();
  const files = Object.fromEntries(
    stacks.map(({ stackName, templateFullPath }) => [stackName, templateFullPath]),
  );
  const resources = Object.fromEntries(
    Object.entries(files).map(([name, file]) => {
      const template = JSON.parse(readFileSync(file, 'utf8')) as {
        Resources: Record<string, Resource>;
      };
      return [name, template.Resources];
    }),
  );
  return { files, resources };
}
