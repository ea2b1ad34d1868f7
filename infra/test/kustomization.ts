/**
 * Renders the part of kustomize that infra/k8s uses, so that the manifests can be checked where no
 * kustomize is. Whatever else a kustomization asks for is refused. Where there is a kustomize, a test
 * compares.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readManifests, type Value, type Values } from './manifest-files.ts';

const kustomization = z.strictObject({
  apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
  kind: z.literal('Kustomization'),
  namespace: z.string(),
  resources: z.array(z.string()),
  patches: z
    .array(z.strictObject({ target: z.strictObject({ kind: z.string() }), path: z.string() }))
    .default([]),
  images: z
    .array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() }))
    .default([]),
});

const operations = z.array(
  z.strictObject({
    op: z.enum(['add', 'replace']),
    path: z.string().startsWith('/'),
    value: z.unknown(),
  }),
);

/** The resources of a folder with a kustomization.yaml. */
export function render(folder: string): Values[] {
  const file = join(folder, 'kustomization.yaml');
  const { namespace, resources, patches, images } = kustomization.parse(
    readManifests([file])[file]?.[0],
  );
  const paths = resources.map((resource) => join(folder, resource));
  const files = paths.filter((path) => !statSync(path).isDirectory());
  const rendered = [
    ...paths.filter((path) => statSync(path).isDirectory()).flatMap((path) => render(path)),
    ...Object.values(readManifests(files)).flat().map(values),
  ];
  for (const { target, path } of patches) {
    const file = join(folder, path);
    const list = operations.parse(readManifests([file])[file]?.[0]);
    const targets = rendered.filter(({ kind }) => kind === target.kind);
    if (targets.length === 0) throw new Error(`${file} patches nothing`);
    for (const resource of targets) for (const operation of list) patch(resource, operation);
  }
  for (const resource of rendered) {
    if (resource['kind'] !== 'Namespace') values(resource['metadata'])['namespace'] = namespace;
    for (const { name, newName, newTag } of images) {
      for (const container of containers(resource)) {
        if (container['image'] === name) container['image'] = `${newName}:${newTag}`;
      }
    }
  }
  return rendered;
}

/** RFC 6902, but for removing, moving, copying and testing. */
function patch(resource: Values, { op, path, value }: z.infer<typeof operations>[number]): void {
  const keys = path
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop() ?? '';
  const parent = keys.reduce<Values>((at, key) => values(at[key]), resource);
  if (Array.isArray(parent) && op === 'add') throw new Error(`${path}: cannot add to a list`);
  if (op === 'replace' && !(last in parent)) throw new Error(`${path}: nothing to replace`);
  parent[last] = structuredClone(value) as Value;
}

/** An object or a list, to look into. */
export function values(value: unknown): Values {
  if (typeof value === 'object' && value !== null) return value as Values;
  throw new Error(`expected an object or a list, not ${JSON.stringify(value)}`);
}

/** The pod that a CronJob or a Job starts; undefined for any other resource. */
export function podOf(resource: Values): Values | undefined {
  if (resource['kind'] === 'Job') return values(values(resource['spec'])['template']);
  if (resource['kind'] !== 'CronJob') return undefined;
  return values(values(values(values(resource['spec'])['jobTemplate'])['spec'])['template']);
}

/** A text, and nothing that only looks like one when it is printed. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Error(`expected a text, not ${JSON.stringify(value)}`);
}

/** The pods that the resources start. */
export const podsOf = (resources: readonly Values[]): readonly Values[] =>
  resources.map(podOf).filter((pod) => pod !== undefined);

export function containers(resource: Values): Values[] {
  const pod = podOf(resource);
  return pod === undefined
    ? []
    : Object.values(values(values(pod['spec'])['containers'])).map(values);
}
