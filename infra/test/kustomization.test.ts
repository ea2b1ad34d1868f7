import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { render } from './kustomization.ts';
import type { Values } from './manifest-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'kustomization-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Renders one resource. The files are JSON, which is YAML. */
function rendered(settings: Values, resource: Values = job): Values | undefined {
  const files = {
    'kustomization.yaml': {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['resource.yaml'],
      ...settings,
    },
    'resource.yaml': resource,
    'patch.yaml': [{ op: 'replace', path: '/spec/parallelism', value: 2 }],
  };
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), JSON.stringify(content));
  }
  return render(folder)[0];
}

const job = {
  kind: 'Job',
  metadata: { name: 'copy' },
  spec: { parallelism: 1, template: { spec: { containers: [] } } },
};
const patchFor = (target: Values): Values => ({ patches: [{ target, path: 'patch.yaml' }] });

it.each<Values>([{ kind: 'Job' }, { kind: 'Job', name: 'copy' }])(
  'a patch for %j changes the Job of that name',
  (target) => {
    expect(rendered(patchFor(target))).toMatchObject({ spec: { parallelism: 2 } });
  },
);

it.each<[Values, string]>([
  [{ kind: 'CronJob' }, 'patches nothing'],
  [{ kind: 'Job', name: 'other' }, 'patches nothing'],
  [{ kind: 'Job', name: 'c.*' }, 'must match pattern'],
])('a patch for %j is refused: it %s', (target, fault) => {
  expect(() => rendered(patchFor(target))).toThrow(fault);
});

it('a prefix is put before the name of a Job, and refused where others may refer to the name', () => {
  const prefix = { namePrefix: 'backfill-' };
  expect(rendered(prefix)).toMatchObject({ metadata: { name: 'backfill-copy' } });
  const account = { kind: 'ServiceAccount', metadata: { name: 'copy' } };
  expect(() => rendered(prefix, account)).toThrow('cannot rename copy');
});

it('a field that is not rendered here is refused', () => {
  expect(() => rendered({ nameSuffix: '-1' })).toThrow('nameSuffix');
});
