/** Stands before PostgreSQL and does to a connection or a statement what the effect book says. */
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Controls } from './controls.ts';
import { postgresEffect } from './effect-name.ts';
import { type Fault, isKill } from './fault.ts';
import { fatalError, type Message, MessageReader, sqlOf } from './postgres-messages.ts';

export interface PostgresProxy extends AsyncDisposable {
  /** The real server's address, with the proxy's port. */
  readonly url: string;
}

export async function startPostgresProxy(
  target: string,
  controls: Controls,
): Promise<PostgresProxy> {
  const real = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const session = new Session(client, { port: Number(real.port), host: real.hostname }, controls);
    for (const socket of session.sockets) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        for (const other of session.sockets) other.destroy();
      });
    }
    session.start();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: Object.assign(new URL(target), { host: `127.0.0.1:${String(port)}` }).href,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface Server {
  readonly port: number;
  readonly host: string;
}

/** One connection of the job. */
class Session {
  readonly #target: Server;
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #controls: Controls;
  /** What waits for the server's ReadyForQuery. */
  #pending: { readonly fault: Fault; swallow: boolean } | undefined;
  #release: (() => void) | undefined;
  /** Client messages are looked at one after another, though a gate may hold one back. */
  #looking: Promise<void> = Promise.resolve();

  constructor(client: Socket, target: Server, controls: Controls) {
    this.#target = target;
    this.#upstream = connect(target);
    this.#client = client;
    this.#controls = controls;
  }

  get sockets(): readonly Socket[] {
    return [this.#client, this.#upstream];
  }

  start(): void {
    const asked = new MessageReader({ startup: true });
    this.#client.on('data', (bytes) => {
      const messages = asked.push(bytes);
      this.#looking = this.#looking.then(async () => {
        for (const message of messages) await this.#ask(message);
      });
    });
    const answered = new MessageReader({ startup: false });
    this.#upstream.on('data', (bytes) => {
      for (const message of answered.push(bytes)) this.#answer(message);
    });
    this.#client.once('close', () => {
      this.#release?.();
    });
  }

  async #ask(message: Message): Promise<void> {
    const sql = sqlOf(message);
    if (message.type !== '' && sql === undefined) {
      this.#upstream.write(message.bytes);
      return;
    }
    const effect =
      sql === undefined ? { name: 'postgres connect', poll: false } : postgresEffect(sql);
    const { name, fault } = this.#controls.schedule.arrive(effect);
    this.#release = await this.#controls.gate(name);
    switch (fault) {
      case 'killed before':
        this.#controls.kill();
        this.#client.destroy();
        return;
      case 'error reply':
      case 'errors in a row':
        this.#client.end(
          sql === undefined
            ? fatalError('53300', 'sorry, too many clients already')
            : fatalError('57P01', 'terminating connection due to administrator command'),
        );
        this.#upstream.destroy();
        return;
      case 'answered twice':
        if (sql === undefined) this.#connectAnother(message.bytes);
        else this.#upstream.write(message.bytes);
        break;
      case 'killed after':
      case 'lost answer':
      case 'late answer':
      case 'applied late':
      case 'cut answer':
      case undefined:
        break;
    }
    const twice = fault === 'answered twice' && sql !== undefined;
    this.#pending = fault === undefined ? undefined : { fault, swallow: twice };
    this.#upstream.write(message.bytes);
  }

  /** A second connection of the same client, which is then given up. */
  #connectAnother(startup: Buffer): void {
    const another = connect(this.#target);
    another.on('error', () => undefined);
    another.once('data', () => another.destroy());
    another.write(startup);
  }

  #answer(message: Message): void {
    const ready = message.type === 'Z';
    const pending = this.#pending;
    if (ready && !(pending?.swallow ?? false)) {
      this.#release?.();
      this.#release = undefined;
    }
    if (pending?.swallow === true) {
      // The first of two answers.
      if (ready) pending.swallow = false;
      return;
    }
    const last =
      pending !== undefined && (isKill(pending.fault) || pending.fault === 'lost answer');
    if (!last) {
      this.#client.write(message.bytes);
      return;
    }
    // Logging in needs the server's words; of an answer nothing is passed on.
    if (message.type === 'R') this.#client.write(message.bytes);
    if (!ready) return;
    if (isKill(pending.fault)) this.#controls.kill();
    this.#client.destroy();
  }
}
