/** The images of the jobs in the account's registry. The tag of an image is its commit. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { BatchGetImageCommand, ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { Failure } from '@user-behaviour/shared/failure';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import type { Context } from '../context.ts';
import { repositoryPrefix, type TaskName, taskNames } from '../deployed-names.ts';
import { appFolder } from './settings.ts';
import { run } from './cdk.ts';
import type { Shell } from './shell.ts';

const root = join(appFolder, '../..');

/** The commit. @throws a configuration failure if a file differs from it: a tag names what was committed */
export function commitOf({ env }: Pick<Shell, 'env'>, folder = root): string {
  const git = (...args: string[]) => {
    try {
      const stdio = ['ignore', 'pipe', 'pipe'] as const;
      return execFileSync('git', args, { cwd: folder, encoding: 'utf8', env, stdio: [...stdio] });
    } catch (error) {
      throw new Failure('configuration', `git cannot say which commit this is: ${String(error)}`, {
        action: 'work in a git clone, or name the tag of images that are pushed: --context=tag=…',
      });
    }
  };
  const changed = git('status', '--porcelain', '--untracked-files=no').trim();
  if (changed === '') return git('rev-parse', 'HEAD').trim();
  throw new Failure('configuration', `these files are not committed:\n${changed}`, {
    action: 'commit them, or name the tag of images that are pushed: --context=tag=…',
  });
}

/** Jobs without an image of this tag in the registry. */
async function missingImages(
  jobs: readonly TaskName[],
  prefix: string,
  tag: string,
  region: string,
): Promise<readonly TaskName[]> {
  const client = new ECRClient({ region });
  const missing: TaskName[] = [];
  for (const job of jobs) {
    const repositoryName = `${prefix}${job}`;
    const { images = [] } = await attempt(`look for the image of ${job}`, () =>
      client.send(new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: tag }] })),
    );
    if (images.length === 0) missing.push(job);
  }
  return missing;
}

/** Builds and pushes the images that are missing; tags never change, so the others stay. */
export async function push(
  {
    account,
    region,
    tag,
    storage,
    capture,
  }: Pick<Context, 'account' | 'region' | 'tag' | 'storage' | 'capture'>,
  shell: Shell,
): Promise<void> {
  const repositories = storage?.repositoryPrefix ?? repositoryPrefix;
  const missing = await missingImages(taskNames(capture !== undefined), repositories, tag, region);
  if (missing.length === 0) {
    shell.report(`all images of ${tag} are pushed`);
    return;
  }
  if (tag !== commitOf(shell)) {
    throw new Failure('configuration', `no image of ${missing.join(', ')} has the tag ${tag}`, {
      action: 'check out that commit, or leave the tag out',
    });
  }
  const registry = `${account}.dkr.ecr.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  const prefix = `${registry}/${repositories}`;
  const program = { cwd: root, shell };
  await run('npx', ['nx', 'run-many', '-t', 'image', `--projects=${missing.join(',')}`], {
    ...program,
    name: 'nx run-many -t image',
    // Fargate runs these; a laptop may have the other architecture.
    env: { IMAGE_PREFIX: prefix, DOCKER_DEFAULT_PLATFORM: 'linux/amd64', NX_TUI: 'false' },
  });
  await run('docker', ['login', '--username=AWS', '--password-stdin', registry], {
    ...program,
    name: 'docker login',
    input: await password(region),
  });
  for (const job of missing) {
    await run('docker', ['push', '--quiet', `${prefix}${job}:${tag}`], {
      ...program,
      name: `docker push of ${job}`,
    });
  }
}

async function password(region: string): Promise<string> {
  const client = new ECRClient({ region });
  const { authorizationData = [] } = await attempt('log in to the registry', () =>
    client.send(new GetAuthorizationTokenCommand()),
  );
  const [, secret = ''] = atob(authorizationData[0]?.authorizationToken ?? '').split(':');
  return secret;
}
