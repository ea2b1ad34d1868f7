/** The PostgreSQL protocol on a port: the same warehouse for psql, JDBC and Python drivers (port 5439 in Redshift). */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { SpectrumSource } from '../external/external-view.ts';
import type { StatementRecord } from '../statements/statement-record.ts';
import type { StatementRunner } from '../statements/statement-runner.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { ClientConnection } from './client-connection.ts';
import { greeting, logIn, type Account } from './login.ts';
import { backendKeyData, errorResponse, parameterStatus } from './server-messages.ts';
import { Session } from './session.ts';
import { SessionTurns } from './session-turns.ts';
import { SessionSettings } from './settings.ts';
import { errorFields, SessionError, states } from './sqlstate.ts';
import { startupSettings } from './startup-settings.ts';

export interface WireOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  readonly account: Account;
  readonly warehouse: Warehouse;
  readonly source: SpectrumSource;
  readonly runner: StatementRunner;
  readonly records: () => readonly StatementRecord[];
  readonly onBug: (error: unknown) => void;
}

export interface WireServer {
  readonly port: number;
  /** Interrupts what runs, rolls back open transactions, and closes all connections. */
  close(): Promise<void>;
}

/** As PostgreSQL's authentication_timeout. */
const loginTimeout = 60_000;

interface Client {
  readonly socket: Socket;
  readonly turns: SessionTurns;
  readonly secret: number;
}

export async function startWireServer(options: WireOptions): Promise<WireServer> {
  const clients = new Map<number, Client>();
  const open = new Map<Socket, Promise<void>>();
  const server = createServer({ noDelay: true }, (socket) => {
    // A lost connection ends its session; there is nobody to tell.
    socket.on('error', () => socket.destroy());
    const served = serve(socket, options, clients)
      .catch((error: unknown) => {
        if (error instanceof SessionError) socket.write(fatal(error));
        else if (!(error instanceof RangeError)) options.onBug(error);
      })
      .finally(() => {
        socket.destroySoon();
        open.delete(socket);
      });
    open.set(socket, served);
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      const message = 'terminating connection due to administrator command';
      const goodbye = fatal(new SessionError(states.shutdown, message));
      for (const { socket, turns } of clients.values()) {
        turns.abandon();
        socket.write(goodbye);
      }
      for (const socket of open.keys()) socket.destroySoon();
      await Promise.all(open.values());
    },
  };
}

function fatal({ sqlstate, message }: SessionError): Buffer {
  return errorResponse({ severity: 'FATAL', sqlstate, message });
}

async function serve(
  socket: Socket,
  { account, warehouse, source, runner, records, onBug }: WireOptions,
  clients: Map<number, Client>,
): Promise<void> {
  socket.setTimeout(loginTimeout, () => socket.destroy());
  const login = await logIn(socket, account);
  socket.setTimeout(0);
  if (login === undefined) return;
  if (login.kind === 'cancel') {
    const client = clients.get(login.process);
    if (client?.secret === login.secret) client.turns.cancel();
    return;
  }
  const connection = await warehouse.connect();
  const settings = new SessionSettings(account.database);
  const turns = new SessionTurns(connection, runner);
  const session = new Session({ connection, source, turns, records, settings });
  const process = newProcess(clients);
  await connection.run(`create temp macro rs_pg_backend_pid() as ${process}`);
  const secret = randomInt(2 ** 31);
  clients.set(process, { socket, turns, secret });
  // While a statement runs, nobody else reads the socket; this notices its end.
  socket.on('readable', () => {
    if (socket.readableLength === 0) socket.read(0);
  });
  socket.once('close', () => {
    turns.abandon();
  });
  try {
    const changed: Buffer[] = [];
    for (const { name, values } of startupSettings(login.settings)) {
      const report = await settings.set(connection, name, values).catch(refuseLogin);
      if (report !== undefined) changed.push(parameterStatus(...report));
    }
    settings.keep();
    const key = backendKeyData(process, secret);
    socket.write(Buffer.concat([greeting(account.user), ...changed, key]));
    await new ClientConnection(socket, session, turns, onBug).serve();
  } finally {
    clients.delete(process);
    await session.close();
  }
}

function refuseLogin(error: unknown): never {
  const { sqlstate, message, isBug } = errorFields(error);
  throw isBug ? error : new SessionError(sqlstate, message);
}

function newProcess(clients: ReadonlyMap<number, Client>): number {
  for (;;) {
    const process = randomInt(1, 2 ** 31);
    if (!clients.has(process)) return process;
  }
}
