/** The metrics of health and the alerts on them, by Prometheus's own promtool. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDs } from '@user-behaviour/shared/ds';
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

describe('promtool', () => {
  it('accepts the metrics of health', () => {
    const ds = parseDs('2010-12-01');
    const text = prometheusText({
      checkedAt: new Date('2010-12-02T06:00:00Z'),
      days: [
        { ds, state: 'loaded' },
        { ds: parseDs('2010-12-02'), state: 'not loaded' },
      ],
      findings: [{ finding: 'volume', ds, level: 'warning', message: 'm', action: 'a' }],
    });
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
