var __addDisposableResource =
  (this && this.__addDisposableResource) ||
  function (env, value, async) {
    if (value !== null && value !== void 0) {
      if (typeof value !== 'object' && typeof value !== 'function')
        throw new TypeError('Object expected.');
      var dispose, inner;
      if (async) {
        if (!Symbol.asyncDispose) throw new TypeError('Symbol.asyncDispose is not defined.');
        dispose = value[Symbol.asyncDispose];
      }
      if (dispose === void 0) {
        if (!Symbol.dispose) throw new TypeError('Symbol.dispose is not defined.');
        dispose = value[Symbol.dispose];
        if (async) inner = dispose;
      }
      if (typeof dispose !== 'function') throw new TypeError('Object not disposable.');
      if (inner)
        dispose = function () {
          try {
            inner.call(this);
          } catch (e) {
            return Promise.reject(e);
          }
        };
      env.stack.push({ value: value, dispose: dispose, async: async });
    } else if (async) {
      env.stack.push({ async: true });
    }
    return value;
  };
var __disposeResources =
  (this && this.__disposeResources) ||
  (function (SuppressedError) {
    return function (env) {
      function fail(e) {
        env.error = env.hasError
          ? new SuppressedError(e, env.error, 'An error was suppressed during disposal.')
          : e;
        env.hasError = true;
      }
      var r,
        s = 0;
      function next() {
        while ((r = env.stack.pop())) {
          try {
            if (!r.async && s === 1)
              return ((s = 0), env.stack.push(r), Promise.resolve().then(next));
            if (r.dispose) {
              var result = r.dispose.call(r.value);
              if (r.async)
                return (
                  (s |= 2),
                  Promise.resolve(result).then(next, function (e) {
                    fail(e);
                    return next();
                  })
                );
            } else s |= 1;
          } catch (e) {
            fail(e);
          }
        }
        if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
        if (env.hasError) throw env.error;
      }
      return next();
    };
  })(
    typeof SuppressedError === 'function'
      ? SuppressedError
      : function (error, suppressed, message) {
          var e = new Error(message);
          return ((e.name = 'SuppressedError'), (e.error = error), (e.suppressed = suppressed), e);
        },
  );
/** The packages of the emulators, installed in a project outside of the workspace and used as their READMEs say. */
import { execFile } from 'node:child_process';
import { readdir, symlink, writeFile } from 'node:fs/promises';
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
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  bucket,
  clusterId,
  region,
  warehouse,
  workgroup,
} from '@user-behaviour/local-cloud/environment';
import { defaultPython } from '@user-behaviour/local-cloud/installation';
import { startLocalCloud } from '@user-behaviour/local-cloud/local-cloud';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OtherProject, packages } from './other-project.js';
const run = promisify(execFile);
let project;
beforeAll(async () => {
  project = await OtherProject.open();
  // The virtual environment that the README of local-emr expects.
  await symlink(join(dirname(defaultPython), '..'), join(project.folder, '.venv'));
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
});
/** What a client needs of the line that a program prints. */
const settings = ({ endpoint, region, accessKeyId = '', secretAccessKey = '' }) => ({
  endpoint,
  region,
  credentials: { accessKeyId, secretAccessKey },
  maxAttempts: 1,
});
/** The rows of a statement, or its error. */
async function outcome(client, Sql) {
  const target = { WorkgroupName: workgroup, Database: warehouse };
  const { Id } = await client.send(new ExecuteStatementCommand({ ...target, Sql }));
  for (;;) {
    const state = await client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
    if (state.Status === 'FAILED') return state.Error;
    if (state.Status !== 'FINISHED') continue;
    if (state.HasResultSet !== true) return [];
    const { Records = [] } = await client.send(new GetStatementResultCommand({ Id }));
    return Records.map((row) => row.map((field) => Object.values(field)[0]));
  }
}
/** The final state of a step of the cluster that always exists. */
async function step(client, ...Args) {
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
describe.each(['local-redshift', 'local-emr'])('the commands in the README of %s', (name) => {
  it('start it on a free port, and SIGTERM ends it', async () => {
    const commands = (await project.documented(name, 'sh')).join('').trim().split('\n');
    expect(commands.length).toBeGreaterThan(1);
    for (const command of commands) {
      const env_1 = { stack: [], error: void 0, hasError: false };
      try {
        expect(command).toMatch(new RegExp(`^npx ${name}\\b`));
        // Another process may have the documented port.
        const program = __addDisposableResource(
          env_1,
          await project.start(command.replace(/--port \d+/, '--port 0')),
          true,
        );
        const health = await fetch(`${program.ready.endpoint}/health`);
        expect([command, health.status]).toEqual([command, 200]);
        expect((await program.stop()).stderr).toContain('SIGTERM: stopping');
      } catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
      } finally {
        const result_1 = __disposeResources(env_1);
        if (result_1) await result_1;
      }
    }
    // A temporary folder is deleted at the end.
    expect(await readdir(project.temporary)).toEqual([]);
  });
});
describe('local-redshift', () => {
  it('runs SQL without S3, and says what is missing', async () => {
    const env_2 = { stack: [], error: void 0, hasError: false };
    try {
      const program = __addDisposableResource(
        env_2,
        await project.start('npx local-redshift'),
        true,
      );
      const client = __addDisposableResource(
        env_2,
        disposable(new RedshiftDataClient(settings(program.ready))),
        false,
      );
      expect(await outcome(client, 'create table visits (name varchar(20), pages int)')).toEqual(
        [],
      );
      expect(await outcome(client, "insert into visits values ('Ada', 2), ('Bob', 3)")).toEqual([]);
      expect(await outcome(client, 'select sum(pages) from visits')).toEqual([[5]]);
      for (const sql of externalTable) expect(await outcome(client, sql)).toEqual([]);
      expect(await outcome(client, 'select * from files.visits')).toContain('--s3');
    } catch (e_2) {
      env_2.error = e_2;
      env_2.hasError = true;
    } finally {
      const result_2 = __disposeResources(env_2);
      if (result_2) await result_2;
    }
  });
  it('reads external tables from the given S3, with the key pair of the environment, which it does not print', async () => {
    const env_3 = { stack: [], error: void 0, hasError: false };
    try {
      const cloud = __addDisposableResource(
        env_3,
        await startLocalCloud({
          stateDir: join(project.folder, 'cloud'),
          services: ['s3'],
          ports: {},
        }),
        true,
      );
      const { env } = cloud;
      const endpoint = env['AWS_ENDPOINT_URL_S3'] ?? '';
      const credentials = {
        accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
      };
      const s3 = __addDisposableResource(
        env_3,
        disposable(new S3Client({ endpoint, region, credentials, forcePathStyle: true })),
        false,
      );
      await s3.send(
        new PutObjectCommand({ Bucket: bucket, Key: 'visits/a.csv', Body: 'Ada,2\nBob,3\n' }),
      );
      const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = env;
      const program = __addDisposableResource(
        env_3,
        await project.start(`npx local-redshift --s3 ${endpoint}`, {
          AWS_ACCESS_KEY_ID,
          AWS_SECRET_ACCESS_KEY,
        }),
        true,
      );
      expect(Object.keys(program.ready)).toEqual(['endpoint', 'region']);
      const client = __addDisposableResource(
        env_3,
        disposable(new RedshiftDataClient({ ...settings(program.ready), credentials })),
        false,
      );
      for (const sql of externalTable) expect(await outcome(client, sql)).toEqual([]);
      expect(await outcome(client, 'select name, pages from files.visits order by 1')).toEqual([
        ['Ada', 2],
        ['Bob', 3],
      ]);
    } catch (e_3) {
      env_3.error = e_3;
      env_3.hasError = true;
    } finally {
      const result_3 = __disposeResources(env_3);
      if (result_3) await result_3;
    }
  });
  it('keeps its tables in --state', async () => {
    const command = 'npx local-redshift --state ./kept';
    for (const sql of ['create table kept as select 1 as one', 'select one from kept']) {
      const env_4 = { stack: [], error: void 0, hasError: false };
      try {
        const program = __addDisposableResource(env_4, await project.start(command), true);
        const client = __addDisposableResource(
          env_4,
          disposable(new RedshiftDataClient(settings(program.ready))),
          false,
        );
        expect(await outcome(client, sql)).toEqual(sql.startsWith('select') ? [[1]] : []);
      } catch (e_4) {
        env_4.error = e_4;
        env_4.hasError = true;
      } finally {
        const result_4 = __disposeResources(env_4);
        if (result_4) await result_4;
      }
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
    const env_5 = { stack: [], error: void 0, hasError: false };
    try {
      const file = join(project.folder, 'count.py');
      await writeFile(file, script);
      const program = __addDisposableResource(
        env_5,
        await project.start(`npx local-emr --python .venv/bin/python ${more}`),
        true,
      );
      const client = __addDisposableResource(
        env_5,
        disposable(new EMRClient(settings(program.ready))),
        false,
      );
      const { Cluster } = await client.send(new DescribeClusterCommand({ ClusterId: clusterId }));
      expect(Cluster?.Status?.State).toBe('WAITING');
      expect(await step(client, 'spark-submit', file)).toBe('COMPLETED');
      const copy = ['s3-dist-cp', '--src', `s3://${bucket}/visits/`, '--dest', '/visits'];
      expect(await step(client, ...copy)).toContain('--s3');
    } catch (e_5) {
      env_5.error = e_5;
      env_5.hasError = true;
    } finally {
      const result_5 = __disposeResources(env_5);
      if (result_5) await result_5;
    }
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
  it('has code in its README that compiles', async () => {
    const blocks = await Promise.all(packages.map((name) => project.documented(name, 'ts')));
    const files = blocks.flat().map((block, index) => ({ name: `example-${index}.ts`, block }));
    expect(files.length).toBeGreaterThan(1);
    for (const { name, block } of files) await writeFile(join(project.folder, name), block);
    const flags = ['--strict', '--noEmit', '--skipLibCheck', '--types', 'node'];
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
  it('refuses an older Node.js by name', async () => {
    const pretend = `Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } })`;
    for (const name of ['local-emr', 'local-redshift']) {
      const importing = `--import=data:text/javascript,${encodeURIComponent(pretend)}`;
      const program = `node_modules/@user-behaviour/${name}/start.mjs`;
      const { code, stderr } = await project.fails(`node '${importing}' ${program}`);
      expect(code).toBe(78);
      expect(stderr).toMatch(new RegExp(`^${name} needs Node\\.js 24 or newer, and this is v`));
    }
  });
});
function disposable(client) {
  return Object.assign(client, {
    [Symbol.dispose]: () => {
      client.destroy();
    },
  });
}
