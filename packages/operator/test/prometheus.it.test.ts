/** The metrics of health, and the alerts and the dashboard on them, by Prometheus's own promtool. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDs } from '@user-behaviour/shared/ds';
import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import { jobReport } from '@user-behaviour/shared/runner/telemetry/job-report';
import { describe, expect, it } from 'vitest';
import { errorNames } from '../src/health/finding.ts';
import { prometheusText } from '../src/health/prometheus-text.ts';

const monitoring = join(import.meta.dirname, '../../../infra/monitoring');

/** What it said, if it found a fault. */
function promtool(args: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, {
    input,
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  return status === 0 ? '' : stdout + stderr;
}

/** The rules as promtool reads them: without the frame of Kubernetes. */
function rulesIn(folder: string): string {
  const [, spec = ''] = readFileSync(join(monitoring, 'alerts.yaml'), 'utf8').split(/^spec:\n/m);
  const file = join(folder, 'rules.yaml');
  writeFileSync(file, spec.replaceAll(/^ {2}/gm, ''));
  return file;
}

const ds = parseDs('2010-12-01');
const ofHealth = () =>
  prometheusText({
    checkedAt: new Date('2010-12-02T06:00:00Z'),
    days: [
      { ds, state: 'loaded' },
      { ds: parseDs('2010-12-02'), state: 'not loaded' },
    ],
    findings: [{ finding: 'volume', ds, level: 'warning', message: 'm', action: 'a' }],
  });

const done: DayRecord = {
  job: 'extract-purchases',
  version: '0.1.0',
  ds,
  run: 'r1',
  status: 'published',
  exit: 0,
  seconds: 3,
  startedAt: '2010-12-02T00:15:00.000Z',
  finishedAt: '2010-12-02T00:15:03.000Z',
  rows: 1450,
  bytes: 123_456,
  phases: [],
};

/** How Prometheus names a metric of OpenTelemetry, and its labels (opentelemetry.io, "Prometheus compatibility"). */
function ofTelemetry(): Readonly<Record<string, readonly string[]>> {
  const { metrics } = jobReport([done], { start: 0, end: 3_000 });
  const units: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' };
  const word = (name: string) => name.replaceAll('.', '_');
  const named = metrics.flatMap(({ name, unit, is, points }) => {
    const suffix = units[unit] ?? '';
    const base = word(name).endsWith(suffix) ? word(name) : word(name) + suffix;
    const kinds = { sum: ['_total'], gauge: [''], histogram: ['_bucket', '_count', '_sum'] };
    const labels = points.flatMap(({ attributes }) => Object.keys(attributes).map(word));
    return kinds[is].map((kind) => [base + kind, labels] as const);
  });
  return Object.fromEntries(named);
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}
const dashboard = JSON.parse(readFileSync(join(monitoring, 'dashboard.json'), 'utf8')) as {
  readonly panels: readonly Panel[];
};
const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

/** What promtool says of these queries, as rules that record their results. */
function faultsOf(folder: string, expressions: readonly string[]): string {
  const rules = expressions.map((expr, index) => ({ record: `query_${String(index)}`, expr }));
  const file = join(folder, 'queries.json');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
  return promtool(['check', 'rules', file]);
}

describe('the dashboard', () => {
  it('asks only for metrics and labels that there are, and for all of them', () => {
    const lines = ofHealth()
      .split('\n')
      .filter((line) => /^\w/.test(line));
    const health = Map.groupBy(lines, (line) => /^\w+/.exec(line)?.[0] ?? '');
    const labels = (found: readonly string[]) =>
      found.flatMap((line) => [...line.matchAll(/[{,](\w+)=/g)].map(([, name = '']) => name));
    const known: Readonly<Record<string, readonly string[]>> = {
      ...Object.fromEntries([...health].map(([name, found]) => [name, labels(found)])),
      ...ofTelemetry(),
    };
    const asked = new Set<string>();
    for (const query of queries) {
      const inBraces = [...query.matchAll(/[{,](\w+)=/g)].map(([, label = '']) => label);
      const grouped = [...query.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) =>
        list.split(', '),
      );
      const bare = query.replaceAll(/by \([^)]*\)|\{[^}]*\}/g, '');
      const [name = '', ...others] = bare.match(/\b(user_behaviour|pipeline)_\w+/g) ?? [];
      expect([others, known[name] ?? name], query).toEqual([[], expect.any(Array)]);
      const allowed = [...(known[name] ?? []), ...(name.endsWith('_bucket') ? ['le'] : [])];
      expect(allowed, query).toEqual(expect.arrayContaining([...inBraces, ...grouped]));
      asked.add(name);
    }
    const unasked = Object.keys(known).filter((name) => !asked.has(name));
    expect(unasked).toEqual(['pipeline_day_duration_seconds_sum']);
  });

  it('has queries that Prometheus can parse', () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'queries-'));
    expect(queries.length).toBeGreaterThan(8);
    expect(faultsOf(folder.path, queries)).toBe('');
    expect(faultsOf(folder.path, [`${queries[0] ?? ''})`])).toContain('parse error');
  });
});

describe('promtool', () => {
  it('accepts the metrics of health', () => {
    const text = ofHealth();
    expect(promtool(['check', 'metrics'], text)).toBe('');
    expect(promtool(['check', 'metrics'], text.replaceAll('_day_states', '_days'))).not.toBe('');
    expect(text).toContain('user_behaviour_loaded_until_timestamp_seconds 1291248000\n');
    for (const name of errorNames) expect(text).toContain(`finding="${name}"} 0\n`);
    expect(text).toContain('user_behaviour_findings{level="warning",finding="volume"} 1\n');
  });

  it('accepts the alerts, and they fire when they should', () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'alerts-'));
    expect(promtool(['check', 'rules', rulesIn(folder.path)])).toBe('');
    const test = join(folder.path, 'alerts.test.yaml');
    copyFileSync(join(monitoring, 'alerts.test.yaml'), test);
    expect(promtool(['test', 'rules', test])).toBe('');
    const rules = readFileSync(join(folder.path, 'rules.yaml'), 'utf8');
    writeFileSync(join(folder.path, 'rules.yaml'), rules.replace('26 * 3600', '40 * 3600'));
    expect(promtool(['test', 'rules', test])).toContain('UserBehaviourHealthSilent');
  });
});
