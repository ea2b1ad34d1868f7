/** Infers the targets of each TypeScript project from its files, so that no project lists them. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { CreateNodes, TargetConfiguration } from '@nx/devkit';

type Targets = Record<string, TargetConfiguration>;

/** A folder of the workspace and whether it holds files that match a pattern. */
interface Project {
  readonly root: string;
  readonly holds: (pattern: string) => boolean;
}

const lint = ({ root }: Project): TargetConfiguration => ({
  command: `eslint --max-warnings=0 ${root}`,
  cache: true,
  inputs: ['default', '^production', '{workspaceRoot}/eslint.config.mjs'],
});

/** Runs in the project's folder, with a configuration of the workspace. */
const vitest = ({ root }: Project, config: string): TargetConfiguration => ({
  command: `vitest run --config ${relative(root, config)}`,
  options: { cwd: root },
});

const test = (project: Project): TargetConfiguration => ({
  ...vitest(project, 'vitest.config.ts'),
  cache: true,
  inputs: ['default', '^production', '{workspaceRoot}/vitest.config.ts'],
});

const integration = (project: Project): TargetConfiguration => ({
  ...vitest(project, 'vitest.integration.config.ts'),
  cache: false,
});

/** One file that runs, and the image that holds it. */
const imageTargets = (): Targets => ({
  bundle: {
    command: 'node tools/bundle.mjs {projectName}',
    cache: true,
    inputs: [
      'production',
      '^production',
      '{workspaceRoot}/tools/bundle.mjs',
      '{workspaceRoot}/tools/bundle/*',
    ],
    outputs: ['{projectRoot}/dist'],
  },
  image: {
    command: 'node tools/image.mjs {projectName}',
    cache: false,
    // The operator's image holds those of the jobs as well.
    dependsOn: ['bundle', '^bundle'],
    // Not for a cache: `nx affected` compares them.
    inputs: [
      'production',
      '^production',
      '{workspaceRoot}/infra/docker/job.Dockerfile',
      '{workspaceRoot}/tools/image.mjs',
    ],
  },
});

const jobTargets = ({ root }: Project): Targets => ({
  ...imageTargets(),
  run: {
    command: `node --import=./infra/env-file.mjs --max-semi-space-size=8 ${root}/dist/main.mjs`,
    cache: false,
    dependsOn: ['bundle'],
  },
});

/** A package for npm, in the project's dist. */
const pack = (): TargetConfiguration => ({
  command: 'node tools/bundle/pack.mjs {projectName}',
  cache: true,
  inputs: [
    'production',
    '^production',
    '{projectRoot}/README.md',
    '{workspaceRoot}/LICENSE',
    '{workspaceRoot}/tools/bundle/*',
  ],
  outputs: ['{projectRoot}/dist'],
});

export function targetsOf(project: Project, tags: readonly string[]): Targets {
  return {
    lint: lint(project),
    ...(project.holds('{src,test}/**/!(*.it|*.fault|*.image).test.ts')
      ? { test: test(project) }
      : {}),
    ...(project.holds('test/**/*.{it,fault}.test.ts') ? { integration: integration(project) } : {}),
    ...(tags.includes('type:job') ? jobTargets(project) : {}),
    ...(tags.includes('docker:image') ? imageTargets() : {}),
    ...(tags.includes('npm:package') ? { pack: pack() } : {}),
  };
}

function tagsOf(folder: string): readonly string[] {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) return [];
  const { nx } = JSON.parse(readFileSync(path, 'utf8')) as { nx?: { tags?: readonly string[] } };
  return nx?.tags ?? [];
}

export const createNodes: CreateNodes = [
  '*/**/tsconfig.json',
  (configFiles, _options, { workspaceRoot }) =>
    configFiles.map((configFile) => {
      const root = dirname(configFile);
      const cwd = join(workspaceRoot, root);
      const holds = (pattern: string) => globSync(pattern, { cwd }).length > 0;
      const targets = targetsOf({ root, holds }, tagsOf(cwd));
      return [configFile, { projects: { [root]: { targets } } }];
    }),
];
