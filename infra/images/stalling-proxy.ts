/** A proxy to S3 through which one download stalls half-way. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StallingProxy extends AsyncDisposable {
  readonly url: string;
  /** Whether the download has stalled. */
  readonly stalled: () => boolean;
}

/** Forwards everything to `target`, but only the first `bytes` of a GET whose key contains `part`. */
export async function startStallingProxy(
  target: string,
  part: string,
  bytes: number,
): Promise<StallingProxy> {
  let stalled = false;
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url = '/', headers } = incoming;
    // The proxy has already replied "100 Continue".
    delete headers.expect;
    const onward = request(new URL(target), { method, path: url, headers }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      if (method !== 'GET' || !url.includes(part)) {
        reply.pipe(outgoing);
        return;
      }
      let left = bytes;
      reply.on('data', (chunk: Buffer) => {
        if (left > 0) outgoing.write(chunk.subarray(0, left));
        left -= chunk.length;
        if (left <= 0) stalled = true;
      });
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    stalled: () => stalled,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
