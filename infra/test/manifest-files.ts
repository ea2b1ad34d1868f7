/** Manifests as data, and what Kubernetes' own schemas say about them; both by infra/test/manifests.py. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export const k8s = join(import.meta.dirname, '../k8s');

const python = join(import.meta.dirname, '../../.local/python/bin/python');
const script = join(import.meta.dirname, 'manifests.py');

function ask(command: string, args: readonly string[], input = ''): unknown {
  const { status, stdout, stderr, error } = spawnSync(python, [script, command, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return JSON.parse(stdout);
  throw new Error(
    `${script} ${command} failed; infra/install.sh --dev installs what it needs:\n${error?.message ?? stderr}`,
  );
}

/** A value as YAML has it. */
export type Value = string | number | boolean | null | Value[] | Values;
export interface Values {
  [key: string]: Value;
}

/** Narrows a value to an object or a list. */
export function values(value: unknown): Values {
  if (typeof value === 'object' && value !== null) return value as Values;
  throw new Error(`expected an object or a list, not ${JSON.stringify(value)}`);
}

/** Narrows a value to a string. A number that prints the same is refused. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Error(`expected a text, not ${JSON.stringify(value)}`);
}

type Documents = Readonly<Record<string, Value[]>>;

/** What infra/k8s holds, read by one process, since a rendering reads many files one by one. */
let shipped: Documents | undefined;

/** The documents of each file, which the caller may change. */
export function readManifests(files: readonly string[]): Documents {
  shipped ??= ask(
    'read',
    globSync('**/*.yaml', { cwd: k8s }).map((file) => join(k8s, file)),
  ) as Documents;
  const known = files.filter((file) => file in (shipped ?? {}));
  const others = files.filter((file) => !known.includes(file));
  return {
    ...Object.fromEntries(known.map((file) => [file, structuredClone(shipped?.[file] ?? [])])),
    ...(others.length === 0 ? {} : (ask('read', others) as Documents)),
  };
}

/** One sentence for each way in which a document breaks the schema of a release, e.g. 1.33. */
export const schemaFaults = (
  documents: readonly unknown[],
  releases: readonly string[],
): readonly string[] =>
  z.array(z.string()).parse(ask('check', releases, JSON.stringify(documents)));
