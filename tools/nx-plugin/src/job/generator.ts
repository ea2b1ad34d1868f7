/** Generates a new stage: a job that runs, and its entries wherever the pipeline is deployed. */
import { join } from 'node:path';
import { formatFiles, generateFiles, logger, type Tree } from '@nx/devkit';
import {
  datasets,
  jobs,
  pipeline,
  type Stage,
  upstreamJobs,
} from '@user-behaviour/shared/pipeline';
import { appendToFile, insertBefore, insertBlockAfter } from './edit.ts';

export interface JobOptions {
  readonly name: string;
  /** Separated by commas. */
  readonly reads: string;
  readonly writes: string;
}

export default async function generateJob(tree: Tree, options: JobOptions): Promise<() => void> {
  const { name, writes } = options;
  const reads = options.reads
    .split(',')
    .map((dataset) => dataset.trim())
    .filter(Boolean);
  check(name, reads, writes);
  const words = name.replaceAll('-', ' ');
  const stage = { name, verb: name, rows: words, reads, writes, shapedBy: [], inherits: [] };
  const root = `packages/${name}`;
  generateFiles(tree, join(import.meta.dirname, 'files'), root, {
    name,
    words,
    variable: name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    dataset: writes,
    upstream: reads.map((dataset) => `'${dataset}'`).join(', '),
    versions: dependencyVersions(tree),
  });
  addToPipeline(tree, stage);
  addToSchedulers(tree, stage);
  addToContract(tree, stage);
  addToDockerSuites(tree, stage);
  await formatFiles(tree);
  return () => {
    logger.info(remaining(name));
  };
}

function check(name: string, reads: readonly string[], writes: string): void {
  if (jobs.some((job) => job === name)) throw new Error(`there is a job ${name} already`);
  if (datasets.some((dataset) => dataset === writes)) {
    throw new Error(`${writes} is written by another job; expected a new dataset`);
  }
  const unknown = reads.filter((dataset) => !datasets.some((known) => known === dataset));
  if (unknown.length > 0) {
    throw new Error(`no job writes ${unknown.join(', ')}; expected one of ${datasets.join(', ')}`);
  }
}

/** The versions that the other jobs use. */
function dependencyVersions(tree: Tree): Readonly<Record<string, string>> {
  const text = tree.read('packages/stage-reviews/package.json', 'utf8') ?? '{}';
  const { dependencies = {}, devDependencies = {} } = JSON.parse(text) as {
    dependencies?: Record<string, string>;
    devDependencies?: Record<string, string>;
  };
  return { ...dependencies, ...devDependencies };
}

function addToPipeline(tree: Tree, { name, verb, rows, reads, writes }: Stage): void {
  const entry = `  {
    name: '${name}',
    verb: '${verb}',
    rows: '${rows}',
    reads: [${reads.map((dataset) => `'${dataset}'`).join(', ')}],
    writes: '${writes}',
    shapedBy: [],
    inherits: [],
  },
`;
  insertBefore(
    tree,
    'packages/shared/src/pipeline.ts',
    '] as const satisfies readonly Stage[];',
    entry,
  );
}

function addToSchedulers(tree: Tree, stage: Stage): void {
  const { name } = stage;
  const k8s = 'infra/k8s';
  const last = jobs.at(-1) ?? '';
  tree.write(`${k8s}/stages/${name}.yaml`, cronJob(name));
  insertBlockAfter(
    tree,
    `${k8s}/stages/kustomization.yaml`,
    `  - ${last}.yaml`,
    `  - ${name}.yaml`,
  );
  for (const overlay of ['production', 'production-backfill', 'production-hourly', 'kind']) {
    const file = `${k8s}/overlays/${overlay}/kustomization.yaml`;
    const text = tree.read(file, 'utf8') ?? '';
    const [image = ''] =
      new RegExp(`  - name: user-behaviour/${last}\\n(?: {4}.*\\n)+`).exec(text) ?? [];
    appendToFile(tree, file, image.replaceAll(last, name));
  }
  for (const overlay of ['production', 'kind']) {
    const file = `${k8s}/overlays/${overlay}/service-accounts.yaml`;
    const accounts = (tree.read(file, 'utf8') ?? '').split(/^---\n/m);
    const account = accounts.find((one) => one.includes(`  name: ${last}\n`)) ?? '';
    appendToFile(tree, file, `---\n${account.replaceAll(last, name)}`);
  }
  const upstream = upstreamJobs(stage)
    .map((job) => `"${job}"`)
    .join(', ');
  const dag = 'infra/airflow/user_behaviour.py';
  const [lastTask = ''] =
    new RegExp(`^    "${last}": .*$`, 'm').exec(tree.read(dag, 'utf8') ?? '') ?? [];
  insertBlockAfter(tree, dag, lastTask, `    "${name}": [${upstream}],`);
  insertBlockAfter(tree, 'infra/cron/run-job.sh', `  ${last}`, `  ${name}`);
  const cron = 'docs/deploying-cron.md';
  // Each day, and each hour of today. Only the jobs of the article look back.
  for (const hours of ['0', '1-23']) {
    const form = new RegExp(`^15 ${hours} .*run-job\\.sh ${last} .*$`, 'm');
    const [line = ''] = form.exec(tree.read(cron, 'utf8') ?? '') ?? [];
    const own = line.replaceAll(last, name).replace(/ --look-back=\d+/, '');
    insertBlockAfter(tree, cron, line, own);
  }
}

const cronJob = (
  name: string,
) => `# Runs ${name} for yesterday. Waits until what it reads is published.
apiVersion: batch/v1
kind: CronJob
metadata:
  name: ${name}
spec:
  schedule: '25 0 * * *'
  jobTemplate:
    spec:
      activeDeadlineSeconds: 50400
      template:
        spec:
          containers:
            - image: user-behaviour/${name}
              args:
                - --wait=12h
              envFrom:
                - configMapRef:
                    name: user-behaviour
`;

function addToContract(tree: Tree, { name, reads, writes, rows }: Stage): void {
  const code = (names: readonly string[]) => names.map((one) => `\`${one}\``).join(', ');
  const contract = 'docs/contract.md';
  const last = pipeline.at(-1)?.name ?? '';
  const [row = ''] =
    new RegExp(`^\\| \`${last}\` .*$`, 'm').exec(tree.read(contract, 'utf8') ?? '') ?? [];
  const cells = [code([name]), code(reads), code([writes]), rows, ''];
  insertBlockAfter(tree, contract, row, `| ${cells.join(' | ')} |`);
}

function addToDockerSuites(tree: Tree, { name }: Stage): void {
  const entry = `  'packages/${name}': { onDockerToo: ['${name}.it'], localOnly: [] },\n`;
  insertBefore(tree, 'tools/integration-suites.mjs', "  'packages/operator': {", entry);
}

/** What a person has to do, as in docs/adding-a-stage.md. */
export const remaining = (name: string): string => `
${name} is generated. What is left for you:
  1. npm install              links the new package
  2. npx nx sync              adds its TypeScript references
  3. packages/${name}/src/transform.ts and config.ts: your transformation and its settings.
     Name the settings that shape the rows in "shapedBy" in packages/shared/src/pipeline.ts.
  4. infra/rights/src/jobs.ts: its role; then npx nx run rights:docs. docs/contract.md: its keys under "Layout of the bucket".
  5. infra/aws/src/job-environment.ts and infra/aws/src/state-machine/daily-run.ts: its variables and its place in the day.
  6. If another stage reads ${name}: add the dataset to the "reads" of that stage, and move the new stage before it.
docs/adding-a-stage.md has an example, and says how to undo it.`;
