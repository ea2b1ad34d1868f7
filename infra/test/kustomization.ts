/**
 * Renders the part of kustomize that infra/k8s uses, and refuses the rest. kustomize itself is not a
 * dependency because neither npm nor PyPI has a maintained package of it for every platform. Where
 * kustomize or kubectl is installed, k8s-manifests.test.ts compares the results. They were the same
 * for kustomize 5.0.0, 5.5.0 (in kubectl 1.32) and 5.8.2.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { applyPatch, jsonPatch } from './json-patch.ts';
import { readManifests, text, type Values, values } from './manifest-files.ts';

const kustomization = z.strictObject({
  apiVersion: z.literal([
    'kustomize.config.k8s.io/v1beta1',
    // Of a component.
    'kustomize.config.k8s.io/v1alpha1',
  ]),
  kind: z.literal(['Kustomization', 'Component']),
  namespace: z.string().optional(),
  namePrefix: z.string().optional(),
  resources: z.array(z.string()).default([]),
  components: z.array(z.string()).default([]),
  patches: z
    .array(
      z.strictObject({
        // kustomize accepts a regular expression as the name. This renderer accepts only a plain name.
        target: z.strictObject({
          kind: z.string(),
          name: z
            .string()
            .regex(/^[a-z-]+$/)
            .optional(),
        }),
        path: z.string(),
      }),
    )
    .default([]),
  images: z
    .array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() }))
    .default([]),
});

function read(folder: string) {
  const file = join(folder, 'kustomization.yaml');
  return kustomization.parse(readManifests([file])[file]?.[0]);
}

/** Whether the folder only changes what others render. */
export const isComponent = (folder: string): boolean => read(folder).kind === 'Component';

/** The resources of a folder with a kustomization.yaml. A component gets those of the folder that names it. */
export function render(folder: string, given: readonly Values[] = []): Values[] {
  const { namespace, namePrefix, resources, components, patches, images } = read(folder);
  const paths = resources.map((resource) => join(folder, resource));
  const files = paths.filter((path) => !statSync(path).isDirectory());
  let rendered = [
    ...given,
    ...paths.filter((path) => statSync(path).isDirectory()).flatMap((path) => render(path)),
    ...Object.values(readManifests(files)).flat().map(values),
  ];
  for (const component of components) rendered = render(join(folder, component), rendered);
  for (const { target, path } of patches) {
    const file = join(folder, path);
    const list = jsonPatch.parse(readManifests([file])[file]?.[0]);
    const targets = rendered.filter(
      (resource) =>
        resource['kind'] === target.kind &&
        (target.name === undefined || nameOf(resource) === target.name),
    );
    if (targets.length === 0) throw new Error(`${file} patches nothing`);
    for (const resource of targets) applyPatch(resource, list);
  }
  for (const resource of rendered) {
    if (namespace !== undefined && resource['kind'] !== 'Namespace') {
      values(resource['metadata'])['namespace'] = namespace;
    }
    if (namePrefix !== undefined) rename(resource, `${namePrefix}${nameOf(resource)}`);
    for (const { name, newName, newTag } of images) {
      for (const container of containers(resource)) {
        if (container['image'] === name) container['image'] = `${newName}:${newTag}`;
      }
    }
  }
  return rendered;
}

/** kustomize also renames references, so only kinds that nothing refers to are renamed here. */
function rename(resource: Values, name: string): void {
  if (podOf(resource) === undefined) throw new Error(`cannot rename ${nameOf(resource)}`);
  values(resource['metadata'])['name'] = name;
}

/** The pod that a CronJob or a Job starts; undefined for any other resource. */
export function podOf(resource: Values): Values | undefined {
  if (resource['kind'] === 'Job') return values(values(resource['spec'])['template']);
  if (resource['kind'] !== 'CronJob') return undefined;
  return values(values(values(values(resource['spec'])['jobTemplate'])['spec'])['template']);
}

export const nameOf = (resource: Values): string => text(values(resource['metadata'])['name']);

/** The pods that the resources start. */
export const podsOf = (resources: readonly Values[]): readonly Values[] =>
  resources.map(podOf).filter((pod) => pod !== undefined);

export function containers(resource: Values): Values[] {
  const pod = podOf(resource);
  return pod === undefined
    ? []
    : Object.values(values(values(pod['spec'])['containers'])).map(values);
}
