/** Checks with the first protocol message whether a PostgreSQL server accepts clients. */
import { connect } from 'node:net';

/**
 * True once the server asks for the password. While it starts, recovers or stops, it answers with an
 * error (PostgreSQL manual, "Message Flow: Start-up").
 */
export function acceptsClients(port: number, user: string, database: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const settle = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(1_000, () => {
      settle(false);
    });
    socket.once('error', () => {
      settle(false);
    });
    socket.once('close', () => {
      settle(false);
    });
    socket.once('connect', () => socket.write(startupMessage(user, database)));
    socket.once('data', (reply) => {
      settle(reply.toString('latin1', 0, 1) === 'R');
    });
  });
}

/** Length, protocol version 3.0, then zero-terminated names and values, and a final zero byte. */
function startupMessage(user: string, database: string): Buffer {
  const body = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + body.length, 0);
  head.writeInt32BE(0x0003_0000, 4);
  return Buffer.concat([head, body]);
}
