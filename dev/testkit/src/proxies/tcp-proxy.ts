/** A TCP proxy with which a test injects network faults in front of a server. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What happens to the bytes of every connection from now on, in both directions:
 * - `none`: they pass;
 * - `latency`: each chunk is delayed by the given time;
 * - `bandwidth`: the given number of bytes pass per second;
 * - `black-hole`: they are accepted and silently dropped;
 * - `reset`: after the given number of bytes from the server, the connection is reset on both sides;
 * - `half-open`: after the given number of bytes from the server, only the server's side is closed.
 */
export type NetworkFault =
  | { readonly is: 'none' }
  | { readonly is: 'latency'; readonly milliseconds: number }
  | { readonly is: 'bandwidth'; readonly bytesPerSecond: number }
  | { readonly is: 'black-hole' }
  | { readonly is: 'reset'; readonly afterBytes: number }
  | { readonly is: 'half-open'; readonly afterBytes: number };

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  fault: NetworkFault;
  /** How many connections were accepted so far. */
  readonly connections: () => number;
  /** How many times a connection was reset, half closed, or lost a chunk. */
  readonly harmed: () => number;
  /** The given address, with the proxy's host and port. */
  readonly through: (address: string) => string;
}

/** One connection: its two sides, and how many bytes the server has sent. */
interface Link {
  readonly client: Socket;
  readonly server: Socket;
  fromServer: number;
  dead: boolean;
}

/** Waits until the socket accepts more data or is closed. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}

/** Starts the proxy on a free port of the loopback address, in front of the given server. */
export async function startTcpProxy(address: string): Promise<TcpProxy> {
  const target = new URL(address);
  const links = new Set<Link>();
  let taken = 0;
  let harmed = 0;
  const proxy: { fault: NetworkFault } = { fault: { is: 'none' } };

  const pass = async (link: Link, from: 'client' | 'server', piece: Buffer): Promise<void> => {
    const { fault } = proxy;
    const to = from === 'client' ? link.server : link.client;
    if (link.dead) return;
    if (from === 'server') link.fromServer += piece.length;
    if (fault.is === 'black-hole') {
      harmed += 1;
      return;
    }
    if ((fault.is === 'reset' || fault.is === 'half-open') && link.fromServer > fault.afterBytes) {
      link.dead = true;
      harmed += 1;
      link.server.resetAndDestroy();
      if (fault.is === 'reset') link.client.resetAndDestroy();
      return;
    }
    if (fault.is === 'latency') await delay(fault.milliseconds);
    if (fault.is === 'bandwidth') await delay((piece.length / fault.bytesPerSecond) * 1_000);
    if (!to.destroyed && !to.write(piece)) await drained(to);
  };
  const carry = async (link: Link, from: 'client' | 'server'): Promise<void> => {
    const to = from === 'client' ? link.server : link.client;
    try {
      for await (const piece of link[from]) await pass(link, from, piece as Buffer);
    } catch {
      // One side broke the connection; the other one is closed below.
    }
    if (!link.dead) to.destroy();
  };

  const server = createServer({ noDelay: true }, (client) => {
    taken += 1;
    const upstream = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
    const link: Link = { client, server: upstream, fromServer: 0, dead: false };
    links.add(link);
    client.on('error', () => undefined).once('close', () => links.delete(link));
    upstream.on('error', () => undefined);
    void carry(link, 'client');
    void carry(link, 'server');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const listening = server.address();
  if (listening === null || typeof listening === 'string') throw new Error('no port was given');
  const { port } = listening;
  return Object.assign(proxy, {
    port,
    connections: () => taken,
    harmed: () => harmed,
    through: (whole: string) =>
      Object.assign(new URL(whole), { hostname: '127.0.0.1', port: String(port) }).href,
    [Symbol.asyncDispose]: async () => {
      for (const link of links) {
        link.client.destroy();
        link.server.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  });
}
