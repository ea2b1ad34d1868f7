import { join } from 'node:path';
import { failureKinds, retriedExits } from '@user-behaviour/shared/failure';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { containers, render } from './kustomization.ts';
import { k8s, values } from './manifest-files.ts';

const rule = z.union([
  z.strictObject({
    action: z.literal('Ignore'),
    onPodConditions: z.tuple([
      z.strictObject({ type: z.literal('DisruptionTarget'), status: z.literal('True') }),
    ]),
  }),
  z.strictObject({
    action: z.enum(['FailJob', 'FailIndex', 'Count']),
    onExitCodes: z.strictObject({
      containerName: z.string(),
      operator: z.literal('In'),
      values: z.array(z.number()),
    }),
  }),
]);
const jobSpec = z.object({ podFailurePolicy: z.object({ rules: z.array(rule) }) });

const kinds = Object.values(failureKinds);
const exits = (retry: boolean): readonly number[] =>
  [...new Set(kinds.map(({ exit }) => exit))]
    .filter((exit) => retriedExits.includes(exit) === retry)
    .sort((a, b) => a - b);

describe.each([
  ['base', 'a CronJob'],
  ['hourly', 'an hourly CronJob'],
  ['backfill', 'a backfill'],
  ['capture', 'capture'],
])('the failure policy of %s', (folder) => {
  const jobs = render(join(k8s, folder)).filter((resource) => containers(resource).length > 0);
  const policies = jobs.map((resource) => {
    const spec = values(resource['spec']);
    const template = spec['jobTemplate'];
    const [container] = containers(resource);
    const of = template === undefined ? spec : values(values(template)['spec']);
    return { container: container?.['name'], rules: jobSpec.parse(of).podFailurePolicy.rules };
  });

  it('is there for each job, and for the check of the days', () => {
    const ofDays = [
      'emr-clean',
      'extract-purchases',
      ...(folder === 'base' ? ['health'] : []),
      'redshift-load',
      'stage-reviews',
    ];
    expect(policies.map(({ container }) => container).sort()).toEqual(
      folder === 'capture' ? ['capture-purchases'] : ofDays,
    );
  });

  it('looks first whether the pod was pushed out: that ends with 143 too', () => {
    for (const { rules } of policies) {
      expect(rules.map(({ action }) => action).indexOf('Ignore')).toBe(0);
      expect(rules.filter(({ action }) => action === 'Ignore')).toHaveLength(1);
    }
  });

  it('tries again after just those exit codes that a job calls worth it', () => {
    for (const { container, rules } of policies) {
      const codes = { again: [] as number[], never: [] as number[] };
      for (const one of rules) {
        if (one.action === 'Ignore') continue;
        expect(one.onExitCodes.containerName).toBe(container);
        // Kubernetes wants them in order, and each once.
        expect(one.onExitCodes.values).toEqual(
          [...new Set(one.onExitCodes.values)].sort((a, b) => a - b),
        );
        codes[one.action === 'Count' ? 'again' : 'never'].push(...one.onExitCodes.values);
      }
      expect(codes.again.sort((a, b) => a - b)).toEqual(exits(true));
      expect(codes.never.sort((a, b) => a - b)).toEqual(exits(false));
    }
  });

  it('gives up a single day only in a backfill, and there for the faults of that day', () => {
    for (const { rules } of policies) {
      const failing = rules.flatMap((one) =>
        one.action === 'FailIndex' ? one.onExitCodes.values : [],
      );
      const ofOneDay = [
        failureKinds.data.exit,
        failureKinds.bug.exit,
        failureKinds['report-lost'].exit,
      ];
      expect(failing).toEqual(folder === 'backfill' ? ofOneDay : []);
    }
  });
});
