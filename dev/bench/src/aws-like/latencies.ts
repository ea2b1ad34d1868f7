/**
 * What AWS adds to the work itself, in milliseconds. AWS publishes hardly any of it, so each figure has the
 * observation that it rests on. Nothing here was measured against AWS by this project.
 */

/**
 * A request to S3. S3's design guide for performance promises 100 to 200 ms for small objects; the first byte of
 * a read within a region takes about 20 ms (90th percentile, github.com/dvassallo/s3-benchmark), a write longer.
 */
export const s3Request = 30;

/**
 * A call of the Data API beside the statement's own time: TLS, signature, the service. Assumed, within 0.1 to 0.3 s.
 */
export const dataApiCall = 200;

/** A call of EMR: assumed to be like one of the Data API. */
export const emrCall = 200;

/**
 * A submission: getting a session, the leader's plan and compilation, the commit. Assumed to be 1 s. In
 * github.com/awslabs/mcp/pull/4560 a small query takes 3.2 to 4.7 s, with all that the tool sends around it.
 */
const submission = 1_000;

/**
 * A scan by Spectrum of small files. github.com/harrystech/arthur-redshift-etl/pull/559 logs 1.0 s for 12 files with
 * 325 kB together, and 2.6 s for 5 files with 33 MB.
 */
const spectrumScan = 1_500;

/** A statement that changes an external table: it is a call of Glue. Assumed. */
const externalChange = 500;

/** Any other statement of a batch. Tiny queries take 13 ms to 0.15 s in github.com/metabase/metabase/issues/76420. */
const smallStatement = 50;

const code = (sql: string): string => sql.replaceAll(/^\s*--.*$/gm, '');

const isScan = (sql: string): boolean => /\b(?:from|join)\s+spectrum\./i.test(code(sql));

function ofStatement(sql: string): number {
  if (/^\s*(?:alter|create|drop)\b[^;]*\bspectrum\./i.test(code(sql))) return externalChange;
  return isScan(sql) ? spectrumScan : smallStatement;
}

/** The time of one submission with these statements, beside what the local warehouse takes for them. */
export const statementsTime = (sqls: readonly string[]): number =>
  sqls.reduce((sum, sql) => sum + ofStatement(sql), submission);

/** Whether the statements take the lock that lets one load in at a time. */
export const takesLock = (sqls: readonly string[]): boolean =>
  sqls.some((sql) => /^\s*lock\s/i.test(code(sql)));

/** Whether they load days: the lock is also taken to migrate tables. */
export const loadsDays = (sqls: readonly string[]): boolean => takesLock(sqls) && sqls.some(isScan);

/** Until a step of an idle cluster runs. Assumed: the cluster asks for its steps every few seconds. */
export const stepPending = 5_000;

/**
 * A step beside its work: the start of its JVM and of its YARN application. In github.com/snowplow/snowplow/issues/3437
 * an s3-dist-cp that failed early took 19 s; in the chapter on failed steps of EMR's Management Guide, a Hadoop example
 * that failed early took 6 s. Spark also asks for its executors. A command without an application has only the JVM.
 */
export function stepTime(args: readonly string[]): number {
  if (args[0] === 'spark-submit') return 35_000;
  return args[0] === 's3-dist-cp' ? 25_000 : 10_000;
}
