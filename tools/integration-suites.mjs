// Where and when integration tests run: all of them on the local cloud, some a second time on Docker, that is on
// LocalStack and Postgres in containers. docs/s3-servers.md gives the reasons. The second run, and the files that take
// long and that few changes can break, are left to the run of the night (docs/adr/0050-tests-of-the-night.md).
// Every file is in one of the lists; a test in tools/ checks that.
import { basename } from 'node:path';
import { env } from 'node:process';

/** Whether the long tests are left out: `make test` says so, unless it has NIGHTLY=1. */
const isQuick = env.QUICK === '1';

/** Files of `test/` by package, without `.test.ts`. Those of `nightly` run on the local cloud only. */
export const integrationFiles = {
  'packages/extract-purchases': {
    // COPY and snapshots, errors of the source, conditional writes, multipart uploads and their end, TLS.
    onDockerToo: [
      'at-once.it',
      'bad-purchases.it',
      'content.it',
      'extract.it',
      'failures.it',
      'large-day.it',
      'security.it',
      'stopping.it',
    ],
    // They break the network or the disk of servers that they start themselves, or copy their data.
    localOnly: [
      'bucket-network.fault',
      'no-room.fault',
      'pooler.it',
      'replica.it',
      'source-network.fault',
    ],
  },
  'packages/capture-purchases': {
    onDockerToo: [],
    // Slots are of the whole server, and one test changes its settings.
    localOnly: ['capture.it', 'large-transaction.it'],
  },
  'packages/stage-reviews': {
    // Keys with odd names, multipart uploads, checksums, conditional writes, errors of S3.
    onDockerToo: ['odd-names.it', 'refusals.it', 'stage-reviews.it'],
    localOnly: ['bucket.fault', 'no-room.fault'],
  },
  'packages/emr-clean': {
    // Leases by conditional write and delete; a whole day; checksums of what is read back.
    onDockerToo: ['bucket.fault', 'lease.it'],
    // Steps, clusters and what becomes of them: EMR is the local emulator on both.
    localOnly: ['clean.it', 'probe-step.it', 'transient-cluster.it', 'trouble.it'],
    nightly: ['network.fault'],
  },
  'packages/redshift-load': {
    // The job reads manifests, and the warehouse reads files.
    onDockerToo: ['load.it'],
    // Statements and transactions: Redshift is the local emulator on both.
    localOnly: [
      'audits.it',
      'content.it',
      'day-counts.it',
      'killed.it',
      'migrations.it',
      'queries.it',
      'rebuild-ledger.it',
      'run-records.it',
      'security.it',
      'trouble.it',
    ],
    nightly: ['network.fault', 'properties.it'],
  },
  'packages/operator': {
    // Health checks that write, listings, removal by condition, and the pipeline as a whole.
    onDockerToo: ['doctor.it', 'pipeline.it', 'sweep.it', 'sweep-beside-jobs.it'],
    // Command lines, plans and what they start; what they show.
    localOnly: [
      'catchup.it',
      'health.it',
      'lineage.it',
      'operator.it',
      'page.it',
      'page-in-browser.it',
      'prometheus.it',
      'quality-rules.it',
      'run-records.it',
      'security.it',
      'show.it',
      'telemetry.it',
      'ui.it',
      'ui-in-browser.it',
    ],
    nightly: ['spark-ui.it', 'erase.it'],
  },
  'dev/sample': {
    onDockerToo: ['seed.it'],
    localOnly: [],
    nightly: ['seed-failures.it'],
  },
  'dev/testkit': { onDockerToo: ['s3-servers.it'], localOnly: ['service-models.it'] },
  // Packages of the emulators, installed elsewhere.
  'dev/testcontainers': { onDockerToo: [], localOnly: [], nightly: ['packages.it'] },
  // The servers of the local cloud.
  'dev/local-cloud': {
    onDockerToo: [],
    localOnly: [
      'endpoint.it',
      'local-cloud.it',
      'logins.it',
      'other-users.it',
      'refusals.it',
      's3-no-room.it',
      's3.it',
      'signatures.it',
      'supervisor.it',
    ],
  },
  'dev/local-emr': {
    onDockerToo: [],
    localOnly: ['api.it', 'emr.it', 'restart.it', 'sandbox.it'],
    nightly: ['class-archive.it', 'commands.it', 'spark-ui.it'],
  },
  'dev/local-redshift': {
    onDockerToo: [],
    localOnly: [
      'batches.it',
      'restart.it',
      'results.it',
      'spectrum-files.it',
      'spectrum-partitions.it',
      'statements.it',
      'system-views.it',
      'wire-sessions.it',
      'wire-statements.it',
    ],
  },
  // The CPU time of the jobs beside recorded ratios.
  'dev/bench': { onDockerToo: [], localOnly: ['ratios.it'] },
  // The pipeline of the article.
  'dev/original': { onDockerToo: [], localOnly: ['original.it'] },
  // The labs and exercises: a sample of them, or all at night.
  'dev/lesson': { onDockerToo: [], localOnly: ['exercises.it', 'labs.it'] },
  // Deployment to AWS, on an emulator of its own.
  'infra/aws': { onDockerToo: [], localOnly: ['daily-run.it', 'emulate.it'] },
  // What the jobs do about faults, which a proxy injects in front of any server.
  'dev/faults': {
    onDockerToo: [],
    localOnly: [
      'concurrent-runs.fault',
      'backfill.it',
      'capture.fault',
      'capture-at-once.fault',
      'chain.fault',
      'clean.fault',
      'extract.fault',
      'isolation.fault',
      'load.fault',
      'paused.fault',
      'pointer-race.fault',
      'pooler.fault',
      'replica.fault',
      'rights.it',
      'stage.fault',
      'tampered-script.fault',
      'torn-delivery.fault',
    ],
    nightly: ['captured-history.it', 'shared-cluster.fault', 'transient-cluster.fault'],
  },
  // The repository as newcomers and generators meet it.
  tools: {
    onDockerToo: [],
    localOnly: ['newcomer.it'],
    nightly: ['docs-site.it', 'generator.it', 'platforms.it', 'second-vendor-file.it'],
  },
};

/** Files of `infra/images`, without `.image.test.ts`. */
const nightlyImages = ['stopping', 'testcontainers'];

const files = (names = []) => names.map((name) => `test/${name}.test.ts`);
const named = (entries) => entries.map(([folder]) => basename(folder));

/** The projects that have a file to run on Docker. */
export const dockerProjects = named(
  Object.entries(integrationFiles).filter(([, { onDockerToo }]) => onDockerToo.length > 0),
);

/** The projects whose files all run at night. */
export const nightlyProjects = named(
  Object.entries(integrationFiles).filter(
    ([, { onDockerToo, localOnly }]) => onDockerToo.length + localOnly.length === 0,
  ),
);

/** What vitest runs on Docker in this folder; a path from the workspace. */
export const dockerTests = (folder) => files(integrationFiles[folder]?.onDockerToo);

/** What vitest leaves out in this folder. */
export const leftOut = (folder) => (isQuick ? files(integrationFiles[folder]?.nightly) : []);
export const imagesLeftOut = isQuick ? nightlyImages.map((name) => `${name}.image.test.ts`) : [];
