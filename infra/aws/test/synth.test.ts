/** The command-line tool, without a network and without an account; cfn-lint on what it writes. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, getuid } from 'node:process';
import { jobs } from '@user-behaviour/shared/pipeline';
import { describe, expect, it, vi } from 'vitest';
import { keys } from '../src/context.ts';
import { exampleParts } from './example-parts.ts';
import { scratch, synthesize } from './synthesized.ts';

/** Nothing is timed: a machine may be busy. */
vi.setConfig({ testTimeout: 300_000 });

const root = join(import.meta.dirname, '../../..');
const project = join(root, 'infra/aws');

const values = {
  account: '123456789012',
  region: 'us-east-1',
  email: 'data-team@example.com',
  tag: '5a14461',
  removable: 'true',
};
const templates = synthesize(values);

function run(command: readonly string[]): { status: number | null; output: string } {
  const [program = '', ...args] = command;
  const home = join(scratch, 'home');
  mkdirSync(home, { recursive: true });
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: project,
    encoding: 'utf8',
    // Nothing of the user's: no credentials, no settings of the CDK.
    env: {
      PATH: `${join(root, 'node_modules/.bin')}:${env['PATH'] ?? ''}`,
      HOME: home,
      TMPDIR: scratch,
      AWS_EC2_METADATA_DISABLED: 'true',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    },
  });
  return { status, output: stdout + stderr };
}

/** Root can take the network away; for anyone else, there are no credentials at least. */
const isolate = ['unshare', '--net'];
const isolated = getuid?.() === 0 && run([...isolate, 'true']).status === 0 ? isolate : [];

const synth = (context: Readonly<Record<string, string>>, out: string) =>
  run([
    ...isolated,
    ...['cdk', 'synth', '--quiet', '--output', out],
    ...Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]),
  ]);

/** The tool adds to each resource where it is in the code. */
const withoutPaths = (file: string): unknown =>
  JSON.parse(readFileSync(file, 'utf8'), (name, value: unknown) =>
    name === 'Metadata' ? undefined : value,
  );

describe('cdk synth', () => {
  it('writes the same templates as a deployment before: a second one changes nothing', () => {
    const out = join(scratch, 'cdk.out');
    expect(synth(values, out)).toMatchObject({ status: 0 });
    for (const [stack, file] of Object.entries(templates.files)) {
      const again = join(out, `${stack}.template.json`);
      expect(withoutPaths(again), stack).toEqual(withoutPaths(file));
    }
  });

  it('says what is wrong with the context', () => {
    const { status, output } = synth({ ...values, region: 'Virginia' }, join(scratch, 'wrong'));
    expect(status).not.toBe(0);
    expect(output).toContain(`region is wrong: expected a Region, e.g. ${keys.region.example}`);
    expect(output).toContain('cdk.context.json');
    expect(output).not.toMatch(/at .*\.ts:\d+/);
  });
});

it('cfn-lint finds nothing in any template', () => {
  const { source, capture, reviews } = keys;
  const own = { source: source.example, capture: capture.example, reviews: reviews.example };
  const withCapture = synthesize({ ...values, ...own });
  const { status, output } = run([
    join(root, '.local/python/bin/cfn-lint'),
    // W3005: the CDK writes a dependency that a reference states already. W3010: network.ts says why it names zones.
    // W6001: make reads these outputs of the daily run.
    ...['--ignore-checks', 'W3005', 'W3010', 'W6001'],
    ...['--template', ...Object.values(templates.files), ...Object.values(withCapture.files)],
  ]);
  expect(output).toBe('');
  expect(status).toBe(0);
});

it('another image changes the task definitions only', () => {
  const before = templates.resources;
  const after = synthesize({ ...values, tag: 'f00ba12' }).resources;
  const changed = Object.entries(after).flatMap(([stack, resources]) =>
    Object.entries(resources)
      .filter(([id, resource]) => JSON.stringify(resource) !== JSON.stringify(before[stack]?.[id]))
      .map(([, { Type }]) => Type),
  );
  expect(changed).toEqual(jobs.map(() => 'AWS::ECS::TaskDefinition'));
});

describe('what an account has already', () => {
  const { storage, network, cluster, warehouse } = exampleParts;
  const reviews = exampleParts.source.reviews;

  it.each(Object.entries({ storage, network, cluster, warehouse }))(
    'replaces the stack of the %s',
    (part, given) => {
      const names = Object.keys(synthesize({ ...values, [part]: given }).resources);
      const expected = Object.keys(templates.resources).filter(
        (name) => name !== `user-behaviour-${part}`,
      );
      expect(names).toEqual(expected);
    },
  );

  it('replaces every stack but the daily run', () => {
    const source = exampleParts.source.secretArn;
    const given = { ...values, storage, network, cluster, warehouse, source, reviews };
    expect(Object.keys(synthesize(given).resources)).toEqual(['user-behaviour-pipeline']);
  });
});
