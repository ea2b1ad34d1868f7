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
  ])('rejects %j', (args, message) => {
    expect(() => parseSparkSubmit(args)).toThrow(message);
  });
});
