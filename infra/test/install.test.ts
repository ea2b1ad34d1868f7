/** The installer on machines that lack something. It sees only the programs that are listed here. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const root = join(import.meta.dirname, '../..');
/** What macOS has as well: no sed, flock, readlink, stat or sha256sum. */
const programs = [
  ...['bash', 'awk', 'cat', 'chmod', 'cksum', 'dirname', 'du', 'grep', 'head', 'ln', 'mkdir', 'rm'],
  ...['rmdir', 'sleep', 'touch'],
];
const files = [
  'infra/install.sh',
  'infra/python/dev.txt',
  'infra/python/java.txt',
  'infra/python/node.txt',
  'spark/requirements.txt',
  'dev/local-cloud/requirements.txt',
  'package-lock.json',
];

const pathOf = (program: string): string => {
  const { stdout } = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' });
  return stdout.trim();
};

/** Runs the installer in a new checkout, with stand-ins for some programs, each a shell script. */
function install(standIns: Readonly<Record<string, string>>, variables: NodeJS.ProcessEnv = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'install (a) '));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const program of programs) symlinkSync(pathOf(program), join(bin, program));
  for (const [name, script] of Object.entries(standIns)) {
    writeFileSync(join(bin, name), `#!${pathOf('bash')}\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    copyFileSync(join(root, file), join(folder, file));
  }
  const { status, stderr } = spawnSync(join(folder, 'infra/install.sh'), [], {
    env: { PATH: bin, ...variables },
    encoding: 'utf8',
  });
  const { mode } = statSync(join(folder, '.local'));
  return { status, lines: stderr.trim().split('\n'), mode: mode & 0o777 };
}

const node = `exec '${process.execPath}' "$@"`;
/** It answers like a Python of this release that has everything. */
const python = (release: string) =>
  `case "$*" in *version_info*) [[ ${release} != 3.9 ]] && echo ${release} ;; *) exit 0 ;; esac`;
const brokenVenv = `case "$*" in *version_info*) echo 3.12 ;; *) echo 'ERROR: no disk'; exit 1 ;; esac`;

it.each<[string, Readonly<Record<string, string>>, number, readonly string[]]>([
  [
    'Node',
    { npm: 'exit 1' },
    78,
    ['install: Node.js with npm is missing', expect.stringContaining('20 or newer')],
  ],
  [
    'a Node that is new enough',
    { npm: '', node: '[[ $1 == --version ]] && echo v18.1.0 && exit; exit 1' },
    78,
    ['install: Node.js v18.1.0 is too old', expect.stringContaining('20 or newer')],
  ],
  [
    'a Python that is new enough',
    { npm: '', node, python3: python('3.9') },
    78,
    [
      'install: Python 3.10 or newer is missing',
      expect.stringContaining('PYTHON=/path/to/python3 make'),
    ],
  ],
])('says what a machine without %s lacks', (_what, standIns, exit, lines) => {
  expect(install(standIns)).toMatchObject({ status: exit, lines });
});

it('lets no other user enter what it installs into, nor what seeding writes there', () => {
  const umask = process.umask(0o022);
  onTestFinished(() => {
    process.umask(umask);
  });
  expect(install({}).mode).toBe(0o700);
});

it('finds a Python by its release, and refuses one that was named and is too old', () => {
  const standIns = { npm: 'exit 1', node, 'python3.13': python('3.13'), python3: python('3.9') };
  expect(install(standIns).lines.join('\n')).not.toContain('Python 3.10 or newer is missing');
  const { status, lines } = install(standIns, { PYTHON: 'python3' });
  expect(status).toBe(78);
  expect(lines[0]).toBe('install: PYTHON=python3 is not a Python 3.10 or newer');
});

it.each([
  [
    'the npm packages',
    { npm: "echo 'npm error code ECONNREFUSED' >&2; exit 1", node, python3: python('3.12') },
    'install: npm error code ECONNREFUSED',
  ],
  [
    'the Python packages',
    { npm: 'mkdir -p node_modules/.bin', node, python3: brokenVenv },
    'install: ERROR: no disk',
  ],
])(
  'tells in three lines why %s are not there, and that a retry may help',
  (what, standIns, why) => {
    const { status, lines } = install(standIns);
    expect(status).toBe(75);
    expect(lines.slice(1)).toEqual([
      `install: ${what} could not be installed`,
      why,
      expect.stringMatching(/^install: the whole text is in \.local\/logs\/\w+\.log; .*again$/),
    ]);
  },
);
