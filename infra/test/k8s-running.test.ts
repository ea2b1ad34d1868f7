/** How often, how long and how many at a time: what infra/k8s says of the running of Jobs, and of networks and roles. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containers, nameOf, podOf, render } from './kustomization.ts';
import { composeEnv } from './compose-file.ts';
import { k8s, schemaFaults, text, type Values, values } from './manifest-files.ts';

const base = render(join(k8s, 'base'));
const stages = render(join(k8s, 'stages'));
const backfill = render(join(k8s, 'backfill'));
const production = render(join(k8s, 'overlays/production'));
const kind = render(join(k8s, 'overlays/kind'));

const kindOf = (resources: readonly Values[], name: string): readonly Values[] =>
  resources.filter((resource) => resource['kind'] === name);
const argsOf = (resource: Values): readonly string[] =>
  Object.values(values(containers(resource)[0]?.['args'] ?? [])).map(text);

/** How long each waits for what it reads; the first of them reads what is always there. */
const waits = {
  'extract-purchases': [],
  'stage-reviews': ['--wait=6h'],
  'emr-clean': ['--wait=7h'],
  'redshift-load': ['--wait=12h'],
};
const waitsOf = (resources: readonly Values[]) =>
  Object.fromEntries(
    resources.map((resource) => [
      nameOf(resource).replace('backfill-', ''),
      argsOf(resource).filter((argument) => argument.startsWith('--wait')),
    ]),
  );

const week = 604_800;

describe('a CronJob', () => {
  const jobs = kindOf(base, 'CronJob');

  it('tries again six times, and keeps few Jobs, none longer than a week', () => {
    expect(jobs).toHaveLength(5);
    for (const { spec } of jobs) {
      expect(spec).toMatchObject({
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 7,
        jobTemplate: {
          spec: {
            backoffLimit: 6,
            ttlSecondsAfterFinished: week,
            podReplacementPolicy: 'Failed',
          },
        },
      });
    }
  });

  it('waits for what it reads, and has the time to', () => {
    expect(waitsOf(jobs)).toEqual({ ...waits, health: [] });
    for (const job of jobs) {
      const [hours = '0'] = argsOf(job).flatMap(
        (argument) => /^--wait=(\d+)h$/.exec(argument)?.[1] ?? [],
      );
      const { activeDeadlineSeconds } = values(values(values(job['spec'])['jobTemplate'])['spec']);
      expect(activeDeadlineSeconds).toBeGreaterThan(Number(hours) * 3_600);
    }
  });
});

describe('a backfill', () => {
  const jobs = kindOf(backfill, 'Job');

  it('is an Indexed Job that retries each day separately, and attempts all of them', () => {
    expect(jobs).toHaveLength(4);
    for (const { spec } of jobs) {
      expect(spec).toMatchObject({
        completionMode: 'Indexed',
        backoffLimitPerIndex: 6,
        maxFailedIndexes: values(spec)['completions'],
        ttlSecondsAfterFinished: week,
        podReplacementPolicy: 'Failed',
      });
      // It would end the whole for what one day does.
      expect(values(spec)).not.toHaveProperty('backoffLimit');
    }
  });

  it('does few days at a time, one where a cluster is shared, and waits as the CronJobs do', () => {
    expect(
      Object.fromEntries(jobs.map((job) => [nameOf(job), values(job['spec'])['parallelism']])),
    ).toEqual({
      'backfill-extract-purchases': 4,
      'backfill-stage-reviews': 4,
      'backfill-emr-clean': 1,
      'backfill-redshift-load': 2,
    });
    expect(waitsOf(jobs)).toEqual(waits);
  });

  it('gives each day a run where a CronJob gives its Job one', () => {
    const runs = (resources: readonly Values[]) =>
      resources.map((job) => argsOf(job).filter((argument) => argument.startsWith('--run-id')));
    const ofCronJobs = runs(kindOf(stages, 'CronJob'));
    expect(ofCronJobs.flat()).not.toEqual([]);
    expect(runs(jobs)).toEqual(
      ofCronJobs.map((args) => args.map((run) => `${run}-$(JOB_COMPLETION_INDEX)`)),
    );
  });
});

describe('the network', () => {
  const policies = kindOf(production, 'NetworkPolicy').map(({ spec }) => values(spec));

  it('is shut for every pod, in both directions, but for what another policy lets through', () => {
    expect(policies).toContainEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    expect(policies.filter((policy) => 'ingress' in policy)).toEqual([]);
  });

  it('lets extract-purchases alone out to the port of PostgreSQL', () => {
    const toSource = policies.filter((policy) => JSON.stringify(policy).includes('5432'));
    expect(toSource.map(({ podSelector }) => podSelector)).toEqual([
      { matchLabels: { 'app.kubernetes.io/name': 'extract-purchases' } },
    ]);
  });

  it('finds each pod by its labels', () => {
    for (const job of [...base, ...backfill].filter(
      (resource) => containers(resource).length > 0,
    )) {
      const labels = {
        'app.kubernetes.io/name': nameOf(job).replace('backfill-', ''),
        'app.kubernetes.io/part-of': 'user-behaviour',
      };
      expect(values(job['metadata'])['labels']).toEqual(labels);
      expect(podOf(job)).toMatchObject({ metadata: { labels } });
    }
  });

  it('blocks the way to the credentials of the node', () => {
    for (const { egress = [] } of policies) {
      for (const rule of Object.values(values(egress)).map(values)) {
        const ports = JSON.stringify(rule['ports']);
        if (ports.includes('443'))
          expect(JSON.stringify(rule['to'])).toContain('169.254.169.254/32');
        else expect(ports).toMatch(/^\[[^\]]*"port":(53|5432)\}\]$/);
      }
    }
  });
});

it('in production each account has the role of its job, and no token of Kubernetes', () => {
  const accounts = kindOf(production, 'ServiceAccount');
  expect(accounts).toHaveLength(5);
  for (const account of accounts) {
    expect(account).toMatchObject({
      automountServiceAccountToken: false,
      metadata: {
        annotations: {
          'eks.amazonaws.com/role-arn': expect.stringMatching(
            new RegExp(`^arn:aws:iam::\\d{12}:role/user-behaviour-${nameOf(account)}$`),
          ) as string,
        },
      },
    });
  }
});

it('on one machine the pods get the variables of compose.env, by the way to the host', () => {
  const { REVIEWS_SOURCE, ...found } = values(kindOf(kind, 'ConfigMap')[0]?.['data']);
  // The source and the key pair have Secrets; the region under boto3's name, and Secrets Manager, are not needed there.
  const { SOURCE_DATABASE_URL, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_SECRETS_MANAGER, ...others } =
    composeEnv();
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...rest } = others;
  expect([AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY]).not.toContain(undefined);
  const fromPod = Object.entries(rest).map(([name, value]) => [
    name,
    value.replace('//127.0.0.1:', '//host.docker.internal:'),
  ]);
  expect(found).toEqual(Object.fromEntries(fromPod));
  expect(REVIEWS_SOURCE).toMatch(`s3://${text(found['PIPELINE_BUCKET'])}/`);
  expect([SOURCE_DATABASE_URL, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_SECRETS_MANAGER]).not.toContain(
    undefined,
  );
});

it('health keeps its metrics in a volume if an overlay has the component for it', () => {
  const metrics = render(join(k8s, 'health-metrics'), structuredClone(base));
  const [health] = metrics.filter((resource) => containers(resource)[0]?.['name'] === 'health');
  const claims = kindOf(metrics, 'PersistentVolumeClaim').map(nameOf);
  const pod = podOf(health ?? {});
  expect(pod?.['spec']).toMatchObject({
    securityContext: { runAsNonRoot: true, fsGroup: 1000 },
    volumes: [{ name: 'metrics', persistentVolumeClaim: { claimName: claims[0] ?? '' } }],
    containers: [
      {
        volumeMounts: [{ name: 'metrics', mountPath: '/metrics' }],
        env: expect.arrayContaining([
          { name: 'PROMETHEUS_FILE', value: '/metrics/user-behaviour.prom' },
        ]) as unknown,
      },
    ],
  });
  expect(schemaFaults(metrics, ['1.33', '1.37'])).toEqual([]);
});
