// Which integration tests run a second time on Docker: LocalStack and Postgres in containers.
// docs/s3-servers.md gives the reasons. Every file is in one of the two lists; a test in tools/ checks that.
import { basename } from 'node:path';

/** Files of `test/` by package, without `.test.ts`. */
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
    localOnly: ['clean.it', 'network.fault', 'probe-step.it', 'transient-cluster.it', 'trouble.it'],
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
      'network.fault',
      'properties.it',
      'queries.it',
      'rebuild-ledger.it',
      'run-records.it',
      'security.it',
      'trouble.it',
    ],
  },
  'packages/operator': {
    // Health checks that write, listings, removal by condition, and the pipeline as a whole.
    onDockerToo: ['doctor.it', 'pipeline.it', 'sweep.it', 'sweep-beside-jobs.it'],
    // Command lines, plans and what they start; what they show.
    localOnly: [
      'catchup.it',
      'erase.it',
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
      'spark-ui.it',
      'telemetry.it',
      'ui.it',
      'ui-in-browser.it',
    ],
  },
  'dev/sample': {
    onDockerToo: ['seed.it'],
    localOnly: ['seed-failures.it'],
  },
  'dev/testkit': { onDockerToo: ['s3-servers.it'], localOnly: ['service-models.it'] },
  // Packages of the emulators, installed elsewhere.
  'dev/testcontainers': { onDockerToo: [], localOnly: ['packages.it'] },
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
    localOnly: ['api.it', 'commands.it', 'emr.it', 'restart.it', 'sandbox.it', 'spark-ui.it'],
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
  // The pipeline of the article.
  'dev/original': { onDockerToo: [], localOnly: ['original.it'] },
  // Deployment to AWS, on an emulator of its own.
  'infra/aws': { onDockerToo: [], localOnly: ['daily-run.it', 'emulate.it'] },
  // What the jobs do about faults, which a proxy injects in front of any server.
  'dev/faults': {
    onDockerToo: [],
    localOnly: [
      'concurrent-runs.fault',
      'backfill.it',
      'capture.fault',
      'chain.fault',
      'clean.fault',
      'extract.fault',
      'isolation.fault',
      'load.fault',
      'transient-cluster.fault',
      'paused.fault',
      'pointer-race.fault',
      'pooler.fault',
      'replica.fault',
      'rights.it',
      'shared-cluster.fault',
      'stage.fault',
      'tampered-script.fault',
      'torn-delivery.fault',
    ],
  },
};

/** The projects that have a file to run on Docker. */
export const dockerProjects = Object.entries(integrationFiles)
  .filter(([, { onDockerToo }]) => onDockerToo.length > 0)
  .map(([folder]) => basename(folder));

/** What vitest runs on Docker in this folder; a path from the workspace. */
export const dockerTests = (folder) =>
  (integrationFiles[folder]?.onDockerToo ?? []).map((name) => `test/${name}.test.ts`);
