/** Which variables a program gets: those of ENV_FILE, those of the shell, and when which of them win. */
import { execFile } from 'node:child_process';
import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const preload = join(import.meta.dirname, '../env-file.mjs');
const localCloud = [
  'AWS_REGION=us-east-1',
  'AWS_ACCESS_KEY_ID=LOCALKEY',
  'AWS_SECRET_ACCESS_KEY=local',
  'AWS_ENDPOINT_URL_S3=http://127.0.0.1:4566',
  'PIPELINE_BUCKET=local',
  'MIN_QUANTITY=3',
].join('\n');
const production = 'AWS_REGION=eu-west-1\nPIPELINE_BUCKET=ours\n';

/** The variables of a program that is started with these of the shell, in a folder with these files. */
async function environment(
  shell: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
) {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'env-file-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, name), text);
  const script = 'console.log(JSON.stringify(process.env))';
  const args = [`--import=${preload}`, '--eval', script];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    cwd: folder.path,
    env: shell,
  });
  return { variables: JSON.parse(stdout) as Record<string, string>, stderr };
}

it('takes .env.local, and lets the shell change settings that are not of AWS', async () => {
  const { variables } = await environment({ MIN_QUANTITY: '5' }, { '.env.local': localCloud });
  expect(variables).toMatchObject({ PIPELINE_BUCKET: 'local', MIN_QUANTITY: '5' });
});

it('sets all AWS settings of the shell and the home folder aside for a local cloud', async () => {
  const shell = {
    AWS_PROFILE: 'prod',
    AWS_ACCESS_KEY_ID: 'AKIA',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'token',
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: 'https://example.org',
    AWS_CONFIG_FILE: '/home/one/.aws/config',
    AWS_CA_BUNDLE: '/etc/ca.pem',
  };
  const { variables } = await environment(shell, { '.env.local': localCloud });
  const names = Object.keys(variables).filter((name) => name.startsWith('AWS_'));
  expect(Object.fromEntries(names.map((name) => [name, variables[name]]))).toEqual({
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'LOCALKEY',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:4566',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  });
});

it.each([
  ['another file', { ENV_FILE: 'prod.env' }, { PIPELINE_BUCKET: 'ours', AWS_REGION: 'eu-west-1' }],
  ['no file', { ENV_FILE: '', PIPELINE_BUCKET: 'mine' }, { PIPELINE_BUCKET: 'mine' }],
])('takes nothing of .env.local with %s, even after Nx has read it', async (_what, own, wanted) => {
  const shell = {
    AWS_PROFILE: 'prod',
    // What Nx adds.
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:4566',
    AWS_ACCESS_KEY_ID: 'LOCALKEY',
    ...own,
  };
  const files = { '.env.local': localCloud, 'prod.env': production };
  const { variables } = await environment(shell, files);
  expect(variables).toEqual({ ENV_FILE: own.ENV_FILE, AWS_PROFILE: 'prod', ...wanted });
});

it('does without .env.local, but not without the file that ENV_FILE names', async () => {
  expect((await environment({ AWS_PROFILE: 'prod' }, {})).variables).toEqual({
    AWS_PROFILE: 'prod',
  });
  await expect(environment({ ENV_FILE: 'gone.env' }, {})).rejects.toMatchObject({
    code: 78,
    stderr: expect.stringContaining('ENV_FILE=gone.env: there is no file') as unknown,
  });
});

it('tells in a task of Nx which world it talks to', async () => {
  const task = { NX_TASK_TARGET_PROJECT: 'emr-clean' };
  const local = await environment(task, { '.env.local': localCloud });
  expect(local.stderr).toBe('local cloud (.env.local)\n');
  const aws = await environment({ ...task, AWS_PROFILE: 'prod', AWS_REGION: 'eu-west-1' }, {});
  expect(aws.stderr).toBe('AWS_PROFILE=prod AWS_REGION=eu-west-1\n');
  expect((await environment({}, { '.env.local': localCloud })).stderr).toBe('');
});
