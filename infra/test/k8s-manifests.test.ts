import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containers, isComponent, podsOf, render } from './kustomization.ts';
import { k8s, readManifests, schemaFaults, text, type Values, values } from './manifest-files.ts';

/** The oldest release whose Jobs have all that is used here, and the newest. */
const releases = ['1.33', '1.37'];

const folders = globSync('**/kustomization.yaml', { cwd: k8s })
  .map((file) => join(file, '..'))
  .filter((folder) => !isComponent(join(k8s, folder)))
  .sort();
const rendered = new Map(folders.map((folder) => [folder, render(join(k8s, folder))]));
const of = (folder: string): readonly Values[] => rendered.get(folder) ?? [];

/** A way to call the real kustomize, where there is one. */
const kustomize = [
  ['kustomize', 'build'],
  ['kubectl', 'kustomize'],
].find(([command = '', verb = '']) => spawnSync(command, [verb, '--help']).status === 0);

const capture = 'capture-purchases';
const named = (resource: Values): string =>
  `${text(resource['kind'])}/${text(values(resource['metadata'])['name'])}`;
const byName = (resources: readonly Values[]): Readonly<Record<string, Values>> =>
  Object.fromEntries(resources.map((resource) => [named(resource), resource]));

/** What has a pod: the stages, and in an environment also the check of the days. */
const programs: Readonly<Record<string, number>> = {
  backfill: 4,
  base: 5,
  capture: 1,
  health: 1,
  hourly: 4,
  'overlays/kind': 5,
  'overlays/production': 5,
  'overlays/production-backfill': 4,
  'overlays/production-capture': 1,
  'overlays/production-hourly': 4,
  stages: 4,
};

it('there are stages, the check of the days, a base, a backfill, an hourly form, capture and overlays', () => {
  expect(folders).toEqual(expect.arrayContaining(Object.keys(programs)));
});

describe.each(folders)('%s', (folder) => {
  it(`holds to the schemas of Kubernetes ${releases.join(' and ')}, without an unknown field`, () => {
    expect(of(folder).length).toBeGreaterThanOrEqual(programs[folder] ?? 4);
    expect(schemaFaults(of(folder), releases)).toEqual([]);
  });

  it('asks for nothing that the restricted Pod Security Standard refuses', () => {
    const pods = podsOf(of(folder));
    expect(pods).toHaveLength(programs[folder] ?? 4);
    for (const { spec } of pods) {
      expect(spec).toMatchObject({
        automountServiceAccountToken: false,
        restartPolicy: 'Never',
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
      const allowed = expect.not.arrayContaining([
        'hostNetwork',
        'hostPID',
        'hostIPC',
        'initContainers',
      ]) as string[];
      expect(Object.keys(values(spec))).toEqual(allowed);
      for (const volume of Object.values(values(values(spec)['volumes'] ?? []))) {
        expect(Object.keys(values(volume))).toEqual(['name', 'configMap']);
      }
      // The runner takes up to 20 s to cancel what is under way.
      expect(values(spec)['terminationGracePeriodSeconds']).toBeGreaterThanOrEqual(30);
    }
    for (const container of of(folder).flatMap(containers)) {
      expect(container['securityContext']).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container['resources']).toMatchObject({ limits: { memory: '512Mi' } });
    }
  });

  if (kustomize !== undefined) {
    it(`is rendered here as by ${kustomize.join(' ')}`, () => {
      const [command = '', verb = ''] = kustomize;
      const { stdout, stderr } = spawnSync(command, [verb, join(k8s, folder)], {
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      const python = join(import.meta.dirname, '../../.local/python/bin/python');
      const program =
        'import json, sys, yaml; json.dump(list(yaml.safe_load_all(sys.stdin)), sys.stdout)';
      const parsed = spawnSync(python, ['-c', program], { input: stdout, encoding: 'utf8' });
      const real = JSON.parse(parsed.stdout) as Values[];
      expect(byName(of(folder))).toEqual(byName(real));
      expect(of(folder)).toHaveLength(real.length);
    });
  }
});

describe('an overlay to deploy', () => {
  it.each(['overlays/production', 'overlays/production-capture', 'overlays/kind'])(
    '%s has an account for each CronJob',
    (folder) => {
      const resources = of(folder);
      const accounts = resources.filter(({ kind }) => kind === 'ServiceAccount');
      const names = accounts.map(({ metadata }) => values(metadata)['name']);
      const pods = podsOf(resources);
      expect(pods.map(({ spec }) => values(spec)['serviceAccountName']).sort()).toEqual(
        names.sort(),
      );
    },
  );

  it.each(['', '-backfill', '-capture', '-hourly'].map((form) => `overlays/production${form}`))(
    '%s names the commit that each image was made from',
    (folder) => {
      for (const container of of(folder).flatMap(containers)) {
        expect(container['image']).toMatch(/^[\w./-]+\/[\w-]+:[0-9a-f]{40}$/);
      }
    },
  );

  it('overlays/kind takes the images that were loaded, and asks no registry', () => {
    for (const container of of('overlays/kind').flatMap(containers)) {
      expect(container).toMatchObject({
        image: `${text(container['name']).replace('health', 'operator')}:latest`,
        imagePullPolicy: 'Never',
      });
    }
  });

  it('holds no password: those are in Secrets that are made by hand', () => {
    expect(of('overlays/production').map(named)).not.toContain(expect.stringMatching(/^Secret/));
    expect(JSON.stringify(of('overlays/production'))).not.toMatch(/postgres(ql)?:\/\//);
  });
});

describe('an hourly CronJob', () => {
  it('starts each hour of the day that it is about, and ends before the next', () => {
    for (const { spec } of of('hourly')) {
      const { schedule, jobTemplate, ...rest } = values(spec);
      expect(schedule).toMatch(/^\d+ 1-23 \* \* \*$/);
      expect(rest).toMatchObject({ timeZone: 'Etc/UTC', concurrencyPolicy: 'Forbid' });
      expect(rest['startingDeadlineSeconds']).toBeLessThan(3_600);
      expect(values(values(jobTemplate)['spec'])['activeDeadlineSeconds']).toBeLessThan(3_600);
    }
  });

  it('is beside the daily one, with its account', () => {
    expect(of('hourly').map(named)).toEqual(
      of('stages').map((one) => named(one).replace('/', '/hourly-')),
    );
    const accounts = (folder: string) =>
      podsOf(of(folder)).map(({ spec }) => values(spec)['serviceAccountName']);
    expect(accounts('hourly')).toEqual(accounts('stages'));
  });
});

describe('the CronJob of capture', () => {
  it('starts each quarter of an hour, one Job at a time, which ends before the next', () => {
    const [job] = of('capture').filter(({ kind }) => kind === 'CronJob');
    const { schedule, jobTemplate, ...rest } = values(job?.['spec']);
    expect(schedule).toBe('*/15 * * * *');
    expect(rest).toMatchObject({ timeZone: 'Etc/UTC', concurrencyPolicy: 'Forbid' });
    expect(rest['startingDeadlineSeconds']).toBeLessThan(900);
    expect(values(values(jobTemplate)['spec'])['activeDeadlineSeconds']).toBeLessThan(900);
  });

  it('reaches the source', () => {
    const [policy] = of('capture').filter(({ kind }) => kind === 'NetworkPolicy');
    expect(values(policy?.['spec'])).toMatchObject({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': capture } },
      egress: [{ ports: [{ port: 5432 }] }],
    });
  });
});

describe('a CronJob', () => {
  const jobs = of('base').filter(({ kind }) => kind === 'CronJob');

  it('starts daily by UTC, one Job at a time, and keeps its history short', () => {
    expect(jobs).toHaveLength(5);
    for (const { spec } of jobs) {
      expect(spec).toMatchObject({ timeZone: 'Etc/UTC', concurrencyPolicy: 'Forbid' });
      const { schedule, startingDeadlineSeconds, jobTemplate } = values(spec);
      expect(schedule).toMatch(/^(\d+ 0|0 6) \* \* \*$/);
      // Below 10 s a start may be missed for good (the CronJob page of Kubernetes).
      expect(startingDeadlineSeconds).toBeGreaterThan(3_600);
      const { activeDeadlineSeconds } = values(values(jobTemplate)['spec']);
      // A Job that hangs must not cost the next day its start.
      expect(activeDeadlineSeconds).toBeLessThan(86_400);
    }
  });
});

describe('the check of the schemas', () => {
  const [job] = of('backfill');
  const faultsWith = (change: Values) =>
    schemaFaults([{ ...job, spec: { ...values(job?.['spec']), ...change } }], ['1.37']);

  it('finds a field that is misspelt', () => {
    expect(faultsWith({ backofLimitPerIndex: 6 }).join()).toContain('backofLimitPerIndex');
  });

  it('finds a value of another type, and a missing one', () => {
    expect(faultsWith({ completions: '31' }).join()).toContain('completions');
    expect(faultsWith({ template: { spec: {} } }).join()).toContain('containers');
  });

  it('finds a resource that no release has', () => {
    expect(schemaFaults([{ ...job, apiVersion: 'batch/v2' }], releases)).toHaveLength(2);
  });
});

it('the CronJob in docs/deploying-kubernetes.md holds to the schemas, too', () => {
  const page = readFileSync(join(k8s, '../../docs/deploying-kubernetes.md'), 'utf8');
  const manifests = [...page.matchAll(/```yaml\n(apiVersion[\s\S]*?)```/g)].map(
    ([, text = '']) => text,
  );
  expect(manifests).toHaveLength(1);
  const folder = mkdtempSync(join(tmpdir(), 'manifest-'));
  try {
    const file = join(folder, 'cronjob.yaml');
    writeFileSync(file, manifests[0] ?? '');
    expect(schemaFaults(readManifests([file])[file] ?? [], releases)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
