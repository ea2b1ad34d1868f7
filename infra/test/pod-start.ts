/** What a pod's program is started with, as Kubernetes puts it together. */
import { containers } from './kustomization.ts';
import { text, values, type Values as Resource } from './manifest-files.ts';

export interface Cluster {
  /** Of the Job that the pod belongs to. */
  readonly job: { readonly name: string; readonly uid: string; readonly index?: number };
  readonly resources: readonly Resource[];
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Start {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The start of the only container. References that lead nowhere are errors, as they are there. */
export function podStart(resource: Resource, { job, resources, secrets }: Cluster): Start {
  const [container] = containers(resource);
  if (container === undefined) throw new Error('no container');
  const labels: Readonly<Record<string, string>> = {
    'batch.kubernetes.io/job-name': job.name,
    'batch.kubernetes.io/controller-uid': job.uid,
  };
  const env: Record<string, string> = {};
  for (const source of Object.values(values(container['envFrom']))) {
    Object.assign(env, fromSource(values(source), resources, secrets));
  }
  for (const entry of Object.values(values(container['env']))) {
    const { name, value, valueFrom } = values(entry);
    env[text(name)] = valueFrom === undefined ? text(value) : fromLabel(values(valueFrom), labels);
  }
  // The controller adds it to the container's own variables.
  if (job.index !== undefined) env['JOB_COMPLETION_INDEX'] = String(job.index);
  const args = Object.values(values(container['args'] ?? [])).map((argument) =>
    text(argument).replaceAll(/\$\((\w+)\)/g, (whole, name: string) => env[name] ?? whole),
  );
  return { args, env };
}

function fromSource(
  { configMapRef, secretRef }: Resource,
  resources: Cluster['resources'],
  secrets: Cluster['secrets'],
): Resource {
  if (configMapRef !== undefined) {
    const { name } = values(configMapRef);
    const found = resources.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && values(metadata)['name'] === name,
    );
    if (found === undefined) throw new Error(`no ConfigMap ${text(name)}`);
    return values(found['data']);
  }
  const { name, optional } = values(secretRef);
  const secret = secrets[text(name)];
  if (secret === undefined && optional !== true) throw new Error(`no Secret ${text(name)}`);
  return { ...secret };
}

function fromLabel({ fieldRef }: Resource, labels: Readonly<Record<string, string>>): string {
  const path = text(values(fieldRef)['fieldPath']);
  const label = labels[/^metadata\.labels\['(.+)'\]$/.exec(path)?.[1] ?? ''];
  if (label === undefined) throw new Error(`a pod of a Job has no ${path}`);
  return label;
}
