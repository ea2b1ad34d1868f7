/** The packages of the emulators, installed in a project outside of the workspace and used as their READMEs say. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  AddJobFlowStepsCommand,
  DescribeClusterCommand,
  DescribeStepCommand,
  EMRClient,
} from '@aws-sdk/client-emr';
import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import {
  bucket,
  clusterId,
  region,
  warehouse,
  workgroup,
} from '@user-behaviour/local-cloud/environment';
import { defaultPython } from '@user-behaviour/local-cloud/installation';
import { keyPairOf } from '@user-behaviour/local-cloud/key-pair';
import { startLocalCloud } from '@user-behaviour/local-cloud/local-cloud';
import { openS3 } from '@user-behaviour/local-cloud/s3/s3-client';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { OtherProject, packages, type Ready } from './other-project.ts';

const run = promisify(execFile);
let project: OtherProject;

beforeAll(async () => {
  project = await OtherProject.open();
  // The virtual environment that the README of local-emr expects.
  await symlink(join(dirname(defaultPython), '..'), join(project.folder, '.venv'));
  return () => project[Symbol.asyncDispose]();
});

/** What a client needs of the line that a program prints. */
const settings = ({ endpoint, region, accessKeyId = '', secretAccessKey = '' }: Ready) => ({
  endpoint,
  region,
  credentials: { accessKeyId, secretAccessKey },
  maxAttempts: 1,
});

/** The rows of a statement, or its error. */
async function outcome(client: RedshiftDataClient, Sql: string): Promise<unknown> {
  const target = { WorkgroupName: workgroup, Database: warehouse };
  const { Id } = await client.send(new ExecuteStatementCommand({ ...target, Sql }));
  for (;;) {
    const state = await client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
    if (state.Status === 'FAILED') return state.Error;
    if (state.Status !== 'FINISHED') continue;
    if (state.HasResultSet !== true) return [];
    const { Records = [] } = await client.send(new GetStatementResultCommand({ Id }));
    return Records.map((row) => row.map((field) => Object.values(field)[0] as unknown));
  }
}

/** The final state of a step of the cluster that always exists. */
async function step(client: EMRClient, ...Args: string[]) {
  const Steps = [{ Name: 'one', HadoopJarStep: { Jar: 'command-runner.jar', Args } }];
  const { StepIds } = await client.send(
    new AddJobFlowStepsCommand({ JobFlowId: clusterId, Steps }),
  );
  for (;;) {
    const about = { ClusterId: clusterId, StepId: StepIds?.[0] };
    const { Step } = await client.send(new DescribeStepCommand(about));
    const state = Step?.Status?.State ?? '';
    if (state === 'COMPLETED') return state;
    if (state === 'FAILED') return Step?.Status?.FailureDetails?.Message;
    await delay(100);
  }
}

const externalTable = [
  `create external schema files from data catalog database 'tests'
   iam_role 'arn:aws:iam::123456789012:role/spectrum' create external database if not exists`,
  `create external table files.visits (name varchar(20), pages int)
   row format delimited fields terminated by ',' stored as textfile location 's3://${bucket}/visits/'`,
];

describe.each(['local-redshift', 'local-emr'] as const)(
  'the commands in the README of %s',
  (name) => {
    it('start it on a free port, and SIGTERM ends it', async () => {
      const lines = (await project.documented(name, 'sh')).join('').split('\n');
      const commands = lines.filter((line) => line.startsWith(`npx ${name}`));
      expect(commands.length).toBeGreaterThan(1);
      for (const command of commands) {
        // Another process may have the documented port.
        await using program = await project.start(command.replace(/port \d+/, 'port 0'));
        expect('sqlUrl' in program.ready).toBe(command.includes('--sql-port'));
        const health = await fetch(`${program.ready.endpoint}/health`);
        expect([command, health.status]).toEqual([command, 200]);
        expect((await program.stop()).stderr).toContain('SIGTERM: stopping');
      }
      // A temporary folder is deleted at the end.
      const left = await readdir(project.temporary);
      expect(left.filter((entry) => entry.startsWith('local-'))).toEqual([]);
    });
  },
);

describe('local-redshift', () => {
  it('runs SQL without S3, and says what is missing', async () => {
    await using program = await project.start('npx local-redshift');
    using client = disposable(new RedshiftDataClient(settings(program.ready)));
    expect(await outcome(client, 'create table visits (name varchar(20), pages int)')).toEqual([]);
    expect(await outcome(client, "insert into visits values ('Ada', 2), ('Bob', 3)")).toEqual([]);
    expect(await outcome(client, 'select sum(pages) from visits')).toEqual([[5]]);
    for (const sql of externalTable) expect(await outcome(client, sql)).toEqual([]);
    expect(await outcome(client, 'select * from files.visits')).toContain('--s3');
  });

  it('reads external tables from the given S3, with the key pair of the environment, which it does not print', async () => {
    await using cloud = await startLocalCloud({
      stateDir: join(project.folder, 'cloud'),
      services: ['s3'],
      ports: {},
    });
    const { env } = cloud;
    const endpoint = env['AWS_ENDPOINT_URL_S3'] ?? '';
    const credentials = keyPairOf(env);
    using s3 = disposable(openS3({ endpoint, region, ...credentials }));
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: 'visits/a.csv', Body: 'Ada,2\nBob,3\n' }),
    );
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = env;
    await using program = await project.start(`npx local-redshift --s3 ${endpoint}`, {
      AWS_ACCESS_KEY_ID,
      AWS_SECRET_ACCESS_KEY,
    });
    expect(Object.keys(program.ready)).toEqual(['endpoint', 'region']);
    using client = disposable(new RedshiftDataClient({ ...settings(program.ready), credentials }));
    for (const sql of externalTable) expect(await outcome(client, sql)).toEqual([]);
    expect(await outcome(client, 'select name, pages from files.visits order by 1')).toEqual([
      ['Ada', 2],
      ['Bob', 3],
    ]);
  });

  it.each([
    ['a random password, which it prints', '', ''],
    ['the password of REDSHIFT_PASSWORD, which it does not print', 'a password', 'a password'],
  ])('serves the PostgreSQL protocol with %s', async (_name, REDSHIFT_PASSWORD, known) => {
    await using program = await project.start('npx local-redshift --sql-port 0', {
      REDSHIFT_PASSWORD,
    });
    const url = new URL(program.ready.sqlUrl ?? '');
    expect(url.password === '').toBe(known !== '');
    url.password ||= known;
    await using client = new PostgresClient({ connectionString: url.href });
    await client.connect();
    const { rows } = await client.query("select 'a' || 'b' as text, 40 + 2 as number");
    expect(rows).toEqual([{ text: 'ab', number: 42 }]);
    url.password = 'another';
    await using stranger = new PostgresClient({ connectionString: url.href });
    await expect(stranger.connect()).rejects.toThrow('password authentication failed');
  });

  it('refuses a port that is none', async () => {
    const { code, stderr } = await project.fails('npx local-redshift --sql-port abc');
    expect(code).toBe(64);
    expect(stderr).toContain('expected --sql-port with a number from 0 to 65535');
  });

  it('keeps its tables in --state', async () => {
    const command = 'npx local-redshift --state ./kept';
    for (const sql of ['create table kept as select 1 as one', 'select one from kept']) {
      await using program = await project.start(command);
      using client = disposable(new RedshiftDataClient(settings(program.ready)));
      expect(await outcome(client, sql)).toEqual(sql.startsWith('select') ? [[1]] : []);
    }
  });
});

describe('local-emr', () => {
  /** Java reads the input of Spark, and Python counts it. */
  const script = `
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
counted = spark.range(7).rdd.map(lambda row: row.id).count()
sys.exit(0 if counted == 7 else f"counted {counted}")
`;
  const pysparkHome = "-c 'import pyspark; print(pyspark.__path__[0])'";

  it.each([
    ['PySpark of the given Python', ''],
    ['a distribution of Spark', `--spark-home "$(.venv/bin/python ${pysparkHome})"`],
  ])('runs a step on %s', async (_name, more) => {
    const hdfs = join(project.folder, 'emr/hdfs');
    await mkdir(hdfs, { recursive: true });
    await writeFile(join(hdfs, 'count.py'), script);
    await using program = await project.start(
      `npx local-emr --state emr --python .venv/bin/python ${more}`,
    );
    using client = disposable(new EMRClient(settings(program.ready)));
    const { Cluster } = await client.send(new DescribeClusterCommand({ ClusterId: clusterId }));
    expect(Cluster?.Status?.State).toBe('WAITING');
    expect(await step(client, 'spark-submit', 'hdfs:///count.py')).toBe('COMPLETED');
    // The commands of a script are a separate program.
    expect(await step(client, 'bash', '-c', 'hadoop fs -test -e /count.py')).toBe('COMPLETED');
    const copy = ['s3-dist-cp', '--src', `s3://${bucket}/visits/`, '--dest', '/visits'];
    expect(await step(client, ...copy)).toContain('--s3');
  });

  it('prepares Spark once, for steps and for the commands of scripts', async () => {
    await using program = await project.start(
      'npx local-emr --state once --python .venv/bin/python',
    );
    using client = disposable(new EMRClient(settings(program.ready)));
    await writeFile(join(project.folder, 'once/hdfs/count.py'), script);
    const submit = ['spark-submit', 'hdfs:///count.py'];
    expect(await step(client, ...submit)).toBe('COMPLETED');
    expect(await step(client, 'bash', '-c', submit.join(' '))).toBe('COMPLETED');
    const cached = await readdir(join(project.folder, 'once/cache/spark'));
    expect(cached.filter((name) => name.startsWith('spark-'))).toHaveLength(1);
  });

  it.each([
    ['a Python without PySpark', '--python ./bare-python', 'pip install pyspark==3.5.'],
    ['a Python that is not there', '--python ./none', 'ENOENT'],
    ['a folder without Spark', '--spark-home .', 'there is no bin/spark-submit'],
  ])('says what to do about %s', async (_name, argument, message) => {
    const bare = `#!/bin/sh\nexec ${defaultPython} -S "$@"\n`;
    await writeFile(join(project.folder, 'bare-python'), bare, { mode: 0o755 });
    const { code, stderr } = await project.fails(`npx local-emr ${argument}`);
    expect(code).toBe(78);
    expect(stderr).toContain(message);
  });
});

describe('each package', () => {
  it('holds the files that its program looks for beside itself', async () => {
    const named = await Promise.all(
      ['local-emr', 'local-redshift'].map(async (name) => {
        const folder = join(project.folder, 'node_modules/@user-behaviour', name);
        const modules = (await readdir(folder)).filter((file) => file.endsWith('.mjs'));
        const texts = await Promise.all(
          modules.map((file) => readFile(join(folder, file), 'utf8')),
        );
        return (
          [...texts.join('\n').matchAll(/import\.meta\.dirname,\s*(["`])([^"`]+)\1/g)]
            // A module names another one with its own file ending.
            .map(([, , path = '']) => path.replace(/\$\{[^}]*\}$/, '.mjs'))
            // The root of the workspace, which a package does not use.
            .filter((path) => path !== '../../..')
            .map((path) => ({ path, isThere: existsSync(join(folder, path)) }))
        );
      }),
    );
    expect(named.flat().map(({ path }) => path)).toContain('unsigned_jar.py');
    expect(named.flat().filter(({ isThere }) => !isThere)).toEqual([]);
  });

  it('has code in its README that compiles', async () => {
    const blocks = await Promise.all(packages.map((name) => project.documented(name, 'ts')));
    const files = blocks.flat().map((block, index) => ({ name: `example-${index}.ts`, block }));
    expect(files.length).toBeGreaterThan(1);
    for (const { name, block } of files) await writeFile(join(project.folder, name), block);
    const flags = ['--ignoreConfig', '--strict', '--noEmit', '--skipLibCheck', '--types', 'node'];
    const target = [
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--lib',
      'es2024,esnext.disposable',
    ];
    const tsc = join(import.meta.dirname, '../../../node_modules/typescript/bin/tsc');
    await run(execPath, [tsc, ...flags, ...target, ...files.map(({ name }) => name)], {
      cwd: project.folder,
    });
  });

  it('has no link in its README to a file that it does not hold', async () => {
    for (const name of packages) {
      const readme = join(project.folder, 'node_modules/@user-behaviour', name, 'README.md');
      const text = await readFile(readme, 'utf8');
      expect(text.match(/\]\((?![a-z]+:)[^)]*\)/g) ?? []).toEqual([]);
      expect(text.length).toBeGreaterThan(1000);
    }
  });

  it('refuses an older Node.js by name', async () => {
    const pretend = `Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } })`;
    for (const name of ['local-emr', 'local-redshift']) {
      const importing = `--import=data:text/javascript,${encodeURIComponent(pretend).replaceAll("'", '%27')}`;
      const program = `node_modules/@user-behaviour/${name}/start.mjs`;
      const { code, stderr } = await project.fails(`node '${importing}' ${program}`);
      expect(code).toBe(78);
      expect(stderr).toMatch(new RegExp(`^${name} needs Node\\.js 24 or newer, and this is v`));
    }
  });
});

class PostgresClient extends Client implements AsyncDisposable {
  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }
}

function disposable<T extends { destroy: () => void }>(client: T): T & Disposable {
  return Object.assign(client, {
    [Symbol.dispose]: () => {
      client.destroy();
    },
  });
}
