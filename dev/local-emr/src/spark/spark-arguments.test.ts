import { describe, expect, it } from 'vitest';
import { localSparkSubmit, parseSparkSubmit } from './spark-arguments.ts';

const local = (args: string[]): Promise<string[]> =>
  localSparkSubmit(parseSparkSubmit(args), { 'spark.ui.enabled': 'false' }, (address) =>
    Promise.resolve(address.replace(/^s3:\/\//, '/fetched/')),
  );
const CONF = ['--conf', 'spark.ui.enabled=false'];

describe('spark-submit', () => {
  it('adapts a command for a cluster to this machine', async () => {
    const args = [
      '--deploy-mode',
      'cluster',
      '--master=yarn',
      '--num-executors',
      '4',
      '--conf',
      'spark.yarn.queue=q',
    ];
    expect(
      await local([...args, '-c', 'spark.submit.deployMode=cluster', 's3://b/job.py']),
    ).toEqual(['--master', 'local[*]', ...CONF, '/fetched/b/job.py']);
  });

  it.each([
    ['--master', 'local[1]'],
    ['--conf', 'spark.master=local[1]'],
  ])('keeps a local master given by %s', async (...master) => {
    expect(await local([...master, 'job.py'])).toEqual([...CONF, ...master, 'job.py']);
  });

  it('gives the settings of the step precedence, and passes the arguments of the script unchanged', async () => {
    const args = [
      '--conf',
      'spark.ui.enabled=true',
      '--driver-memory',
      '2g',
      '-v',
      'job.py',
      '--master',
      '; rm -rf /',
      '',
    ];
    expect(await local(args)).toEqual([
      ...['--master', 'local[*]', ...CONF],
      ...['--conf', 'spark.ui.enabled=true', '--driver-memory', '2g', '--verbose'],
      ...['job.py', '--master', '; rm -rf /', ''],
    ]);
  });

  it('keeps the name that a file gets in the folder of the step', async () => {
    const args = [
      '--archives',
      's3://b/env.tar.gz#environment,s3://b/x.zip',
      '--files=s3://b/a#b.txt',
    ];
    expect(await local([...args, 'job.py'])).toEqual([
      ...['--master', 'local[*]', ...CONF],
      ...['--archives', '/fetched/b/env.tar.gz#environment,/fetched/b/x.zip'],
      ...['--files', '/fetched/b/a#b.txt', 'job.py'],
    ]);
    for (const name of ['', '../x', 'a/b', '..']) {
      await expect(local(['--files', `s3://b/a#${name}`, 'job.py'])).rejects.toThrow('after #');
    }
  });

  it.each([
    'spark.executor.memory=2g',
    'spark.sql.shuffle.partitions=4',
    'spark.sql.session.timeZone=UTC',
    'spark.default.parallelism=2',
  ])('keeps --conf %s', async (setting) => {
    expect(await local(['--conf', setting, 'job.py'])).toContain(setting);
  });

  it('fetches the files in it', async () => {
    expect(await local(['--py-files', 's3://b/x.py,/y.py', 'job.py'])).toContain(
      '/fetched/b/x.py,/y.py',
    );
  });

  it.each([
    [['--deploy-mode', 'cluster'], 'there is no script'],
    [['--conf'], '--conf needs a value'],
    [['--frobnicate', 'job.py'], 'does not support --frobnicate'],
    [['job.jar'], "not 'job.jar'"],
    [['--packages', 'a:b:1', 'job.py'], 'refuses --packages'],
    [['--repositories=https://example.org', 'job.py'], 'refuses --repositories'],
    [['--driver-java-options', '-javaagent:/tmp/a.jar', 'job.py'], 'refuses --driver-java'],
    [['--driver-class-path=/tmp', 'job.py'], 'refuses --driver-class-path'],
    [['--driver-library-path', '/tmp', 'job.py'], 'refuses --driver-library-path'],
    [['--properties-file', 's3://b/x.conf', 'job.py'], 'refuses --properties-file'],
    ...[
      'spark.driver.extraJavaOptions',
      'spark.executor.defaultJavaOptions',
      'spark.driver.extraClassPath',
      'spark.jars.packages',
      'spark.files',
      'spark.submit.pyFiles',
      'spark.pyspark.python',
      'spark.plugins',
      'spark.sql.extensions',
      'spark.sql.catalog.mine',
      'spark.sql.warehouse.dir',
      'spark.local.dir',
      'spark.hadoop.fs.viewfs.mounttable.local.linkFallback',
    ].map((key): [string[], string] => [['--conf', `${key}=x`, 'job.py'], `refuses --conf ${key}`]),
  ])('rejects %j', (args, message) => {
    expect(() => parseSparkSubmit(args)).toThrow(message);
  });
});
