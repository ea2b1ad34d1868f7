/** An npm project outside of the workspace, with the packages of the emulators installed. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

const run = promisify(execFile);
const workspace = join(import.meta.dirname, '../../..');
export const packages = ['local-redshift', 'local-emr', 'testcontainers'] as const;

/** Of whoever runs the tests. */
const noKeys = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', REDSHIFT_PASSWORD: '' };

/** What a program prints when it is ready. */
export interface Ready {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** Of the PostgreSQL protocol. */
  readonly sqlUrl?: string;
}

export interface Started extends AsyncDisposable {
  readonly ready: Ready;
  /** Sends SIGTERM to the program. */
  readonly stop: () => Promise<{ readonly code: number | null; readonly stderr: string }>;
}

export class OtherProject implements AsyncDisposable {
  readonly folder: string;
  /** Where programs put temporary files. */
  readonly temporary: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.temporary = join(folder, 'tmp');
  }

  /** Packs the packages as `nx run …:pack` does, and installs them with their dependencies. */
  static async open(): Promise<OtherProject> {
    const project = new OtherProject(await mkdtemp(join(tmpdir(), 'other-project-')));
    const { folder } = project;
    await mkdir(project.temporary);
    for (const name of packages)
      await run(execPath, ['tools/bundle/pack.mjs', name, folder], { cwd: workspace });
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    const tarballs = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
    // Without peers: Testcontainers is large, and here already.
    const options = ['--legacy-peer-deps', '--prefer-offline', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...options, ...tarballs.map((name) => `./${name}`)], {
      cwd: folder,
    });
    for (const name of ['testcontainers', '@aws-sdk', '@types']) {
      await symlink(join(workspace, 'node_modules', name), join(folder, 'node_modules', name));
    }
    return project;
  }

  /** The code blocks of a package's README, as it was installed. */
  async documented(name: (typeof packages)[number], language: 'sh' | 'ts'): Promise<string[]> {
    const path = join(this.folder, 'node_modules/@user-behaviour', name, 'README.md');
    const blocks = (await readFile(path, 'utf8')).matchAll(/^```(\w+)\n([^]*?)^```$/gm);
    return [...blocks].flatMap(([, kind, block = '']) => (kind === language ? [block] : []));
  }

  /** Runs a command of this project to its end, in its folder. */
  async fails(command: string, variables: NodeJS.ProcessEnv = {}) {
    const child = this.#spawn(command, variables);
    const stderr = child.stderr === null ? '' : text(child.stderr);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stderr: await stderr };
  }

  /** Starts a command of this project, and waits until it says that it is ready. */
  async start(command: string, variables: NodeJS.ProcessEnv = {}): Promise<Started> {
    const child = this.#spawn(command, variables);
    const stderr = child.stderr === null ? Promise.resolve('') : text(child.stderr);
    // All of its processes have ended.
    const closed = once(child, 'close') as Promise<[number | null]>;
    const stop = async () => {
      // Npx is another process of the group.
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
      const [code] = await closed;
      return { code, stderr: await stderr };
    };
    const line = await firstLine(child);
    if (line === undefined) throw new Error(`${command} did not start: ${(await stop()).stderr}`);
    return {
      ready: JSON.parse(line) as Ready,
      stop,
      [Symbol.asyncDispose]: async () => {
        await stop();
      },
    };
  }

  #spawn(command: string, variables: NodeJS.ProcessEnv): ChildProcess {
    return spawn('sh', ['-c', `exec ${command}`], {
      cwd: this.folder,
      env: { ...env, TMPDIR: this.temporary, ...noKeys, ...variables },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function firstLine({ stdout }: ChildProcess): Promise<string | undefined> {
  if (stdout === null) return undefined;
  let first: string | undefined;
  for await (const line of createInterface(stdout)) {
    first = line;
    break;
  }
  // Otherwise it would never end.
  stdout.resume();
  return first;
}
