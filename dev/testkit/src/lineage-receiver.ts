/** A service that takes OpenLineage events and keeps them. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export interface Received<E> {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** One event, or those of a batch. */
  readonly events: readonly E[];
}

export interface LineageReceiver<E> extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly Received<E>[];
}

/** Every request is answered with the status, or never. */
export async function startLineageReceiver<E>(
  status: number | 'never' = 201,
): Promise<LineageReceiver<E>> {
  const requests: Received<E>[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const events = (Array.isArray(body) ? body : [body]) as E[];
      requests.push({ path: request.url ?? '', headers: request.headers, events });
      if (status !== 'never') response.writeHead(status).end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
