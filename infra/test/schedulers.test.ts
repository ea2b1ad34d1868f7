/** Schedulers are not written in TypeScript, so these tests hold them to the pipeline and the failure policy. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failureKinds, retriedExits } from '@user-behaviour/shared/failure';
import { canWait, jobs, pipeline, upstreamJobs } from '@user-behaviour/shared/pipeline';
import { describe, expect, it } from 'vitest';
import { containers, render } from './kustomization.ts';
import { k8s } from './manifest-files.ts';

const text = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');

const ascending = (codes: Iterable<number>) => [...new Set(codes)].sort((a, b) => a - b);
const exits = Object.values(failureKinds).map(({ exit }) => exit);
const finalExits = ascending(exits.filter((exit) => !retriedExits.includes(exit)));

type LookBack = Readonly<Record<string, string>>;
/** How many days back the job of a scheduled day looks, and that of an hour. */
const lookBack: LookBack = { 'extract-purchases': '7', 'redshift-load': '14' };
const lookBackOfHour: LookBack = { 'extract-purchases': '1', 'redshift-load': '2' };
/** It runs for itself, and of no day. */
const capture = 'capture-purchases';

describe('the Airflow DAG', () => {
  const dag = ['', '_jobs']
    .map((name) => text(`infra/airflow/user_behaviour${name}.py`))
    .join('\n');
  const literal = (name: string) => {
    const form = new RegExp(`^${name}[^=\\n]* = ([[{(][^]*?[\\]})])$`, 'm');
    const [, value = ''] = form.exec(dag) ?? [];
    const list = value.replace(/^\((.*)\)$/, '[$1]');
    return JSON.parse(list.replaceAll(/,(\s*[\]}])/g, '$1')) as unknown;
  };

  it('runs each job after the jobs that it reads from', () => {
    const upstream = pipeline.map((stage) => [stage.name, upstreamJobs(stage)]);
    expect(literal('UPSTREAM')).toEqual(Object.fromEntries(upstream));
  });

  it('retries all exit codes but the final ones', () => {
    expect(literal('FINAL_EXIT_CODES')).toEqual(finalExits);
  });

  it('says of a failed job what the alert says', () => {
    const told = text('infra/airflow/user_behaviour_secrets.py');
    const [, action = ''] = /^ACTION = "(.*)"$/m.exec(told) ?? [];
    const alerts = text('infra/monitoring/alerts.yaml');
    expect(alerts).toContain(`finding: failed
          annotations:
            summary: '{{ $labels.job_name }} has failed'
            description: ${action}
`);
    expect(told).toContain('f"{job} has failed"');
  });
});

describe('cron', () => {
  const script = text('infra/cron/run-job.sh');

  it('runs the jobs of the pipeline', () => {
    const [, names = ''] = /^jobs=\(([^)]*)\)$/m.exec(script) ?? [];
    expect(names.trim().split(/\s+/).toSorted()).toEqual([capture, ...jobs].toSorted());
  });

  it('retries the same exit codes', () => {
    const [, condition = ''] = /if \(\(([^)]*)\)\); then exit "\$code"/.exec(script) ?? [];
    const codes = [...condition.matchAll(/code != (\d+)/g)].map(([, code]) => Number(code));
    expect(ascending(codes)).toEqual(ascending(retriedExits));
  });

  it('has a documented line for each job and hour of today', () => {
    const hourly = /^15 1-23 \* \* \* {2}(.*)run-job\.sh (\S+).*$/gm;
    const lines = [...text('docs/deploying-cron.md').matchAll(hourly)];
    expect(lines.map(([, , job]) => job)).toEqual(jobs);
    for (const [, settings] of lines) expect(settings).toContain('SCHEDULE_OFFSET=0 ');
    for (const [line, , job = ''] of lines) {
      expect(/--look-back=(\d+)/.exec(line)?.[1], line).toBe(lookBackOfHour[job]);
    }
  });

  it('has a documented line for what runs each quarter of an hour', () => {
    const lines = [
      ...text('docs/deploying-cron.md').matchAll(/^\*\/15 .*run-job\.sh (\S+)(.*)$/gm),
    ];
    expect(lines.map(([, job]) => job)).toEqual([capture]);
    expect(lines[0]?.[0]).toContain('ATTEMPTS=1 LOCK_WAIT=600 ');
  });

  it('has a documented line for each job, which waits where another job comes before it', () => {
    const lines = [...text('docs/deploying-cron.md').matchAll(/^15 0 .*run-job\.sh (\S+)(.*)$/gm)];
    expect(lines.map(([, job]) => job)).toEqual(jobs);
    for (const [line, , options = ''] of lines) {
      const stage = pipeline.find(({ name }) => line.includes(` ${name} `));
      expect(options.includes('--wait='), line).toBe((stage?.reads.length ?? 0) > 0);
      expect(/--look-back=(\d+)/.exec(options)?.[1], line).toBe(stage && lookBack[stage.name]);
    }
  });
});

describe('Kubernetes', () => {
  it.each(['base', 'hourly', 'backfill'])(
    'has each job in %s, with --wait only where it is taken',
    (folder) => {
      const found = render(join(k8s, folder))
        .flatMap(containers)
        .filter(({ name }) => name !== 'health');
      expect(found.map(({ name }) => name).toSorted()).toEqual(jobs.toSorted());
      for (const { name, args = [] } of found) {
        const stage = pipeline.find((one) => one.name === name);
        const waits = (args as readonly string[]).some((arg) => arg.startsWith('--wait'));
        expect(waits, JSON.stringify(name)).toBe(stage !== undefined && canWait(stage));
        const [days] = (args as readonly string[]).flatMap(
          (arg) => /^--look-back=(\d+)$/.exec(arg)?.[1] ?? [],
        );
        expect(days, JSON.stringify(name)).toBe(
          { base: lookBack, hourly: lookBackOfHour }[folder]?.[stage?.name ?? ''],
        );
      }
    },
  );
});
