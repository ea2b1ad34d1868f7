/** Terminates TLS in front of a server without TLS. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Certificate } from './certificate.ts';

export interface TlsProxy extends AsyncDisposable {
  readonly port: number;
  /** How many connections completed the handshake and were forwarded. */
  readonly accepted: () => number;
}

/** PostgreSQL's SSLRequest, which a client sends before anything else; the reply `S` accepts it. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** `postgres`: the client first requests TLS, as in PostgreSQL's protocol; `plain`: it starts TLS at once. */
export async function startTlsProxy(
  address: string,
  { cert, key }: Certificate,
  negotiation: 'postgres' | 'plain',
): Promise<TlsProxy> {
  const target = new URL(address);
  const secureContext = createSecureContext({ cert, key });
  const sockets = new Set<Socket>();
  let accepted = 0;
  const ignore = () => undefined;

  const serve = (client: Socket): void => {
    const secure = new TLSSocket(client, { isServer: true, secureContext });
    secure.on('error', ignore).once('secure', () => {
      accepted += 1;
      const server = connect(Number(target.port), target.hostname).on('error', ignore);
      sockets.add(server);
      pipeline(secure, server, ignore);
      pipeline(server, secure, ignore);
    });
  };
  const front = createServer((client) => {
    sockets.add(client);
    client.on('error', ignore);
    if (negotiation === 'plain') {
      serve(client);
      return;
    }
    client.once('readable', () => {
      const asked = client.read(sslRequest.length) as Buffer | null;
      if (asked?.equals(sslRequest) !== true) client.destroy();
      else {
        client.write('S');
        serve(client);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');
  const listening = front.address();
  if (listening === null || typeof listening === 'string') throw new Error('no port was given');
  return {
    port: listening.port,
    accepted: () => accepted,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      front.close();
      await once(front, 'close');
    },
  };
}
