/** Every `make aws-…` of docs/deploying-aws.md, without an account: make and the program know all of it. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const document = readFileSync(join(root, 'docs/deploying-aws.md'), 'utf8');
const examples: Readonly<Record<string, string>> = { FROM: '2010-12-01', TO: '2010-12-05' };

/** `make aws-day FROM=… TO=…` as words; a value that the document leaves open becomes an example. */
const commands = [
  ...new Set(
    [...document.matchAll(/\bmake (aws-[a-z]+(?: [A-Z]+=[^\s`"]+)*)/g)].map(([, one]) => one),
  ),
].map((command = '') =>
  command.split(' ').map((word) => {
    const [name = '', value] = word.split('=');
    return value === '…' ? `${name}=${examples[name] ?? ''}` : word;
  }),
);

interface Ended {
  readonly code: unknown;
  readonly output: string;
}

const run = (file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(file, [...args], { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, output: stdout + stderr });
    });
  });

/** Runs what make would run, without its preparation, where no account can be reached. */
async function withoutAccount(words: readonly string[]): Promise<Ended> {
  const { PATH } = process.env;
  const shown = await run('make', ['-n', ...words], { PATH });
  const [, program] =
    /&& node (infra\/aws\/src\/commands\/main\.ts [\s\S]*)$/.exec(shown.output) ?? [];
  if (program === undefined) return shown;
  const typed = words.slice(1).map((word) => word.split('='));
  return run('sh', ['-c', `exec node ${program}`], {
    ...(Object.fromEntries(typed) as Record<string, string>),
    PATH,
    HOME: '/nonexistent',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    GIT_DIR: '/nonexistent',
  });
}

it('are found', () => {
  const targets = ['up', 'push', 'day', 'logs', 'cost', 'doctor', 'down'];
  expect(new Set(commands.map(([target]) => target))).toEqual(
    new Set(targets.map((target) => `aws-${target}`)),
  );
});

it.each(commands.map((words) => [words]))(
  'make %j begins, and lacks credentials only',
  async (words) => {
    const { code, output } = await withoutAccount(words);
    expect(output).toContain('AWS_ACCESS_KEY_ID');
    expect(code).toBe(78);
  },
  60_000,
);

it.each([
  [['aws-day', 'DSS=2010-12-01'], 'unknown variable DSS'],
  [['aws-day', 'DS=2010-13-01'], '--ds must be a real day'],
  [['aws-logs', 'JOB=clean'], 'Choices:'],
  [['aws-logs', 'HOURS=x'], '--hours must be'],
  [['aws-cost', 'DAYS=0'], '--days must be'],
  [['aws-up', 'CONTEXT=colour=red'], 'expected key=value, with one of the keys account'],
])(
  'make %j is refused',
  async (words, told) => {
    const { code, output } = await withoutAccount(words);
    expect(output).toContain(told);
    // make itself ends with 2.
    expect([2, 64]).toContain(code);
  },
  60_000,
);
