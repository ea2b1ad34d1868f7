/**
 * The variables that each target of infra/Makefile takes. JavaScript, because make asks before a newer Node
 * is installed.
 */
import { nearestName } from './nearest-name.mjs';

const files = ['PURCHASES', 'REVIEWS'];
const retries = ['RETRIES', 'RETRY_DELAY'];
const running = ['RUNNER', 'IMAGE_PREFIX', 'IMAGE_TAG', 'DRY_RUN', 'V', ...retries];
const manyDays = ['JOBS', 'ORDER', 'PAST', 'START', 'YES', ...running];

/** Those that the jobs read; make hands them on. */
const ofJobs = [
  'AWS_ACCESS_KEY_ID',
  'AWS_ENDPOINT_URL_EC2',
  'AWS_ENDPOINT_URL_EMR',
  'AWS_ENDPOINT_URL_IAM',
  'AWS_ENDPOINT_URL_REDSHIFT_DATA',
  'AWS_ENDPOINT_URL_S3',
  'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  'AWS_PROFILE',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'BAD_PURCHASES',
  'CAPTURE_MAX_AGE',
  'CAPTURE_PUBLICATION',
  'CAPTURE_SLOT',
  'EMR_CLUSTER_ID',
  'EMR_CORE_SECURITY_GROUP',
  'EMR_INSTANCE_COUNT',
  'EMR_INSTANCE_TYPE',
  'EMR_JOB_FLOW_ROLE',
  'EMR_LEASE',
  'EMR_LOG_URI',
  'EMR_PRIMARY_SECURITY_GROUP',
  'EMR_RELEASE_LABEL',
  'EMR_SECURITY_CONFIGURATION',
  'EMR_SERVICE_ROLE',
  'EMR_SERVICE_SECURITY_GROUP',
  'EMR_STEP_TIMEOUT',
  'EMR_SUBNET_ID',
  'EMR_TAGS',
  'EMR_TASK_SPOT_COUNT',
  'HISTORY_END',
  'HISTORY_START',
  'KEEP_RECORDS',
  'KEEP_REJECTS',
  'KEEP_RUNS',
  'LOAD_SET_DAYS',
  'LOG_FORMAT',
  'LOG_LEVEL',
  'LOG_STACK',
  'MAX_LINE_SIZE',
  'MAX_REJECTED_PURCHASES',
  'MAX_REJECTED_REVIEWS',
  'MIN_QUANTITY',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
  'OTEL_EXPORTER_OTLP_PROTOCOL',
  'OTEL_EXPORTER_OTLP_TIMEOUT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_RESOURCE_ATTRIBUTES',
  'OTEL_SDK_DISABLED',
  'OTEL_SERVICE_NAME',
  'OPENLINEAGE_API_KEY',
  'OPENLINEAGE_DISABLED',
  'OPENLINEAGE_ENDPOINT',
  'OPENLINEAGE_NAMESPACE',
  'OPENLINEAGE_PARENT_ID',
  'OPENLINEAGE_ROOT_PARENT_ID',
  'OPENLINEAGE_SOURCE',
  'OPENLINEAGE_URL',
  'OUTPUT_FILE_SIZE',
  'OUTPUT_FORMAT',
  'PIPELINE_BUCKET',
  'REDSHIFT_CLUSTER_ID',
  'REDSHIFT_DATABASE',
  'REDSHIFT_SECRET_ARN',
  'REDSHIFT_STATEMENT_TIMEOUT',
  'REDSHIFT_WORKGROUP',
  'REVIEWS_READY',
  'REVIEWS_SETTLE',
  'REVIEWS_SOURCE',
  'RULES',
  'SOCKET_TIMEOUT',
  'SOURCE_CONNECTIONS',
  'SOURCE_DATABASE_CA_FILE',
  'SOURCE_DATABASE_SECRET_ARN',
  'SOURCE_DATABASE_URL',
  'SOURCE_STATEMENT_TIMEOUT',
  'SPECTRUM_ROLE_ARN',
  'TRACEPARENT',
  'TRACESTATE',
];

/** Those that the AWS SDK and the CDK read. */
const ofAws = [
  'AWS_ACCESS_KEY_ID',
  'AWS_PROFILE',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
];

/** Those that every target takes. */
const always = ['ENV_FILE', 'INVOKED_FROM', 'NO_COLOR', 'PYTHON', 'SHELL'];

/** @type {Readonly<Record<string, readonly string[]>>} */
export const variablesOfTargets = {
  help: [],
  install: [],
  demo: ['DS', ...files, 'RUNNER', 'IMAGE_PREFIX', 'IMAGE_TAG', 'V', ...retries, ...ofJobs],
  test: [
    'NIGHTLY',
    'SEED',
    'REQUIRE_DOCKER',
    'REQUIRE_PGBOUNCER',
    'REQUIRE_PSQL',
    'REQUIRE_CHROMIUM',
    'REQUIRE_PROMTOOL',
    'REQUIRE_AUDIT',
    'PROPERTY_SEED',
  ],
  soak: ['KILLS', 'DAYS', 'SEED', 'FROM', ...files],
  'test-airflow': [],
  'test-otel': [],
  'test-cron': [],
  mutation: ['GUARD'],
  lab: ['LAB'],
  exercise: ['N'],
  grade: ['N'],
  solution: ['N'],
  check: ['REQUIRE_AUDIT'],
  up: [],
  down: [],
  seed: [...files, 'DRY_RUN', ...ofJobs],
  bundle: ['RUNNER'],
  image: ['JOB'],
  images: [],
  run: ['DS', 'WAIT', 'FORCE', ...running, ...ofJobs],
  backfill: ['FROM', 'TO', 'FORCE', ...manyDays, ...ofJobs],
  plan: ['FROM', 'TO', 'LOOK', 'FORCE', 'PAST', 'START', 'RUNNER', 'JSON', ...ofJobs],
  look: ['FROM', 'TO', 'RUNNER', 'JSON', ...ofJobs],
  capture: ['RESET', 'DRY_RUN', ...ofJobs],
  catchup: ['TO', 'LOOK', ...manyDays, ...ofJobs],
  status: ['FROM', 'TO', 'RUNNER', 'JSON', ...ofJobs],
  runs: ['DS', 'JSON', ...ofJobs],
  show: ['DS', 'STAGE', 'ROWS', 'WIDE', 'JSON', ...ofJobs],
  queries: ['DS', 'JSON', ...ofJobs],
  page: ['OUT', 'DUE', 'CUSTOMERS', 'RUNNER', ...ofJobs],
  ui: ['PORT', 'DUE', 'CUSTOMERS', 'RUNNER', ...ofJobs],
  psql: ['SQL', 'JSON', ...ofJobs],
  s3: ['ARGS', ...ofJobs],
  sweep: [
    'APPLY',
    'OLDER',
    'KEEP',
    'KEEP_RUNS',
    'KEEP_REJECTS',
    'KEEP_RECORDS',
    'DRY_RUN',
    'YES',
    'JSON',
    ...ofJobs,
  ],
  migrate: ['DRY_RUN', ...ofJobs],
  'rebuild-ledger': ['FROM', 'TO', 'DRY_RUN', 'YES', ...ofJobs],
  erase: ['CUSTOMER', 'JOBS', 'YES', 'JSON', ...running, ...ofJobs],
  doctor: ['RUNNER', 'IMAGE_PREFIX', 'IMAGE_TAG', 'V', 'JSON', ...ofJobs],
  health: ['DUE', 'DAYS', 'PING_URL', 'WEBHOOK_URL', 'PROMETHEUS_FILE', ...ofJobs],
  'spark-ui': ['DS', ...ofJobs],
  query: ['SQL', 'JSON', ...ofJobs],
  lineage: ['FROM', 'TO', ...ofJobs],
  warehouse: [],
  original: ['DS'],
  clean: ['DRY_RUN'],
  reset: ['YES', 'DRY_RUN'],
  columns: ['ROWS', ...ofJobs],
  bench: [
    'BENCH',
    'PEERS',
    'ROUNDS',
    'SCALE',
    'SHARE',
    'LARGEST',
    'HISTORY',
    'DAYS',
    'S3_SERVER',
    'PATIENCE',
    'FORCE',
    ...files,
  ],
  'bench-report': [],
  'aws-up': ['YES', 'CONTEXT', ...ofAws],
  'aws-push': ['CONTEXT', ...ofAws],
  'aws-day': ['DS', 'FROM', 'TO', 'TOGETHER', 'WAIT', 'CONTEXT', ...ofAws],
  'aws-logs': ['JOB', 'HOURS', 'CONTEXT', ...ofAws],
  'aws-cost': ['DAYS', ...ofAws],
  'aws-doctor': ['CONTEXT', ...ofAws],
  'aws-down': ['YES', 'CONTEXT', ...ofAws],
};

/**
 * Which other targets take this name, or the one nearest to it.
 *
 * @param {string} name
 */
function ofOtherTargets(name) {
  const all = Object.values(variablesOfTargets).flat();
  const meant = nearestName(name, [...new Set(all)]);
  if (meant === undefined) return '';
  const targets = Object.entries(variablesOfTargets).flatMap(([target, names]) =>
    names.includes(meant) ? [target] : [],
  );
  return `${meant} is for make ${targets.join(', ')}; `;
}

/**
 * Says what is wrong with the variables that somebody typed after `make`. Several targets share them.
 * A target without an entry takes any variable: make itself names one that does not exist.
 *
 * @param {readonly string[]} targets
 * @param {readonly string[]} typed
 * @returns {string[]} a sentence for each unknown variable
 */
export function faultsOfVariables(targets, typed) {
  const asked = targets.length === 0 ? ['help'] : targets;
  const lists = asked.map((target) => variablesOfTargets[target]);
  if (lists.includes(undefined)) return [];
  const known = lists.flatMap((list) => list ?? []);
  const own = known.filter((name) => !ofJobs.includes(name));
  return typed
    .filter((name) => !known.includes(name) && !always.includes(name))
    .map((name) => {
      // A name of another target may be nearer.
      const nearest = nearestName(name, [...known, ...Object.values(variablesOfTargets).flat()]);
      if (nearest !== undefined && known.includes(nearest))
        return `unknown variable ${name}: did you mean ${nearest}?`;
      const told = `make ${asked.join(' ')} takes ${own.join(', ') || 'none'}`;
      return `unknown variable ${name}: ${ofOtherTargets(name)}${told}`;
    });
}
