/**
 * A newcomer's day: a fresh clone in an awkward place, `make demo` on a terminal, the lesson, then every command of the
 * README, of docs/operating.md and of docs/monitoring.md, in order. On Linux as root, all of it runs as an unprivileged user for whom everything outside
 * of the clone is read-only; elsewhere, as the user who runs the tests.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { root, text } from '../workspace-files.ts';
import { documentedBlocks, documentedCommands, missingLines } from './documented-commands.ts';
import { lineText, screenOf } from '../demo/terminal-screen.ts';

const name = 'path with spaces (a)';
const isIsolated = process.platform === 'linux' && process.getuid?.() === 0;
const isQuick = process.env['QUICK'] === '1';
const [columns, rows] = [100, 80];

/** Enters the clone at /mnt, as nobody, with the rest of the machine read-only. Arguments: the clone, its name, a command. */
const enter = `
mount -t tmpfs none /mnt && mkdir "/mnt/$2" && mount --bind "$1" "/mnt/$2"
mount -o remount,bind,ro /mnt && mount -o remount,bind,ro /
cd "/mnt/$2"
umask 077
exec setpriv --reuid=65534 --regid=65534 --clear-groups -- bash -c "$3"
`;

/** Only what leads to the registries, and what has disturbed: nothing of this test run. */
const environment = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([variable]) =>
      /PROXY|_CERT|CERT_|CA_BUNDLE|CAINFO|^PIP_|^npm_config_registry$/i.test(variable),
    ),
  ),
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: '/nonexistent',
  LANG: 'C',
  TZ: 'America/New_York',
  TERM: 'xterm',
  AWS_PROFILE: 'prod',
  AWS_ACCESS_KEY_ID: 'x',
};

let folder: string;
let clone: string;

function run(command: string): { readonly status: number | null; readonly output: string } {
  const isolation = [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'bash',
    '-ec',
    enter,
    'enter',
  ];
  const [file = '', ...args] = isIsolated
    ? [...isolation, clone, name, command]
    : ['bash', '-c', command];
  const { status, stdout, stderr } = spawnSync(file, args, {
    cwd: clone,
    env: environment,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, output: stdout + stderr };
}

/** It ends with an error, and says which, where the commands before have left a day that is not in. */
const health = /^make health\b/;

/** Runs it on a terminal. */
const onTerminal = (command: string): string =>
  `script -qefc 'stty cols ${columns} rows ${rows}; ${command}' /dev/null`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'newcomer-'));
  clone = join(folder, name);
  // A clone has the files of the last commit; these are what has changed since.
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, clone]);
  const list = ['ls-files', '-z', '--modified', '--others', '--exclude-standard'];
  for (const path of execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0')) {
    if (path !== '' && existsSync(join(root, path))) {
      cpSync(join(root, path), join(clone, path), { recursive: true });
    }
  }
  if (isIsolated) execFileSync('chown', ['-R', '65534:65534', clone]);
  return async () => {
    run('make down');
    await rm(folder, { recursive: true, force: true });
  };
}, 60_000);

describe('a newcomer', () => {
  it('sees the metric from one command, on one screen', () => {
    const { status, output } = run(onTerminal('make demo'));
    const lines = screenOf(output).map(lineText);
    expect(status, lines.join('\n')).toBe(0);
    expect(lines.join('\n')).toMatch(/public.user_behavior_metric of 2010-12-01: 27 customers/);
    expect(lines.length).toBeLessThanOrEqual(rows);
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    expect(lines.join('\n')).not.toMatch(/\{"|\d{8}T\d{6}Z-[0-9a-f]{6} /);
  }, 600_000);

  it('can follow the lesson: each command ends as it says, and prints what it says', () => {
    const all = [...text('docs/lesson/README.md').matchAll(/^\| \[[^\]]+\]\(([\w-]+\.md)\)/gm)];
    const chapters = all.map(([, file = '']) => `docs/lesson/${file}`);
    expect(chapters.length).toBeGreaterThan(8);
    // `make test` follows one chapter, which SEED chooses; each needs no other before it.
    const one = chapters.at(Number(process.env['SEED'] ?? 1) % chapters.length) ?? '';
    // Their own tests run each exercise and each lab; here, make runs some of them, and at night all exercises.
    const exercises = documentedBlocks('docs/lesson/exercises.md');
    const blocks = [
      ...documentedBlocks(...(isQuick ? [one] : chapters)),
      ...exercises.slice(0, isQuick ? 2 : undefined),
      ...documentedBlocks('docs/lesson/labs.md').slice(0, isQuick ? 0 : 1),
    ];
    expect(blocks.length).toBeGreaterThan(0);
    const deviations = blocks.flatMap(({ document, commands, printed }) => {
      const ended = commands.map(({ command, fails }) => ({ command, fails, ...run(command) }));
      const output = ended.map((one) => one.output).join('');
      return [
        ...ended
          .filter(({ status, fails }) => (status === 0) === fails)
          .map((one) => `${document}: ${String(one.status)} ${one.command}\n${one.output}`),
        ...missingLines(printed, output).map(
          (line) => `${document}: not printed: ${line}\n${output}`,
        ),
      ];
    });
    expect(deviations).toEqual([]);
  }, 1_500_000);

  it('can run every command of the documents, in order', () => {
    const sample = (file: string) => readFileSync(join(clone, '.local/sample', file));
    writeFileSync(join(clone, 'retail.csv.gz'), gzipSync(sample('purchases.csv')));
    writeFileSync(join(clone, 'reviews.csv'), sample('reviews/2010-12-01.csv'));
    if (isIsolated) execFileSync('chown', ['-R', '65534:65534', clone]);
    // `make test` runs those of the README, and at night the others, too.
    const more = isQuick ? [] : ['docs/operating.md', 'docs/monitoring.md'];
    const documented = documentedCommands('README.md', ...more);
    expect(documented.length).toBeGreaterThan(more.length === 0 ? 5 : 30);
    const ended = documented.map((command) => {
      // The documents mean any object.
      const key = command.includes('KEY') ? aKey() : '';
      const { status, output } = run(command.replace('KEY', key));
      const isAsDocumented =
        status === 0 ||
        (health.test(command) && status === 2 && output.includes('"level":"error"'));
      return isAsDocumented ? command : `${String(status)} ${command}\n${output}`;
    });
    expect(ended).toEqual(documented);
  }, 900_000);
});

/** The key of an object of the bucket. */
function aKey(): string {
  const { output } = run('infra/operator show --ds=2010-12-01 --stage=purchases --json');
  const { stages } = JSON.parse(output.slice(output.indexOf('{'))) as {
    readonly stages: readonly [
      { readonly manifest: { readonly files: readonly [{ readonly key: string }] } },
    ];
  };
  return stages[0].manifest.files[0].key;
}
