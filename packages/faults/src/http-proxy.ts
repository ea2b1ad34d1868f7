/** Stands before one HTTP service and does to a call what the effect book says. */
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Call } from './effect-book.ts';
import {
  type Effect,
  emrEffect,
  namesGiven,
  redshiftEffect,
  s3Effect,
  tellsTheEnd,
} from './effect-name.ts';
import { errorReply, type HttpService } from './error-replies.ts';
import type { Fault } from './fault.ts';
import type { Controls } from './controls.ts';

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['rawHeaders'];
  readonly body: Buffer;
}

export interface HttpProxy extends AsyncDisposable {
  readonly url: string;
}

/** `target` is the real server's address. */
export async function startHttpProxy(
  service: HttpService,
  target: string,
  controls: Controls,
): Promise<HttpProxy> {
  const agent = new Agent({ keepAlive: true });
  const names = new Map<string, string>();

  const effectOf = (incoming: IncomingMessage, body: Buffer): Effect => {
    const { method = '', url = '', headers } = incoming;
    const operation = String(headers['x-amz-target']);
    if (service === 's3') return s3Effect({ method, url, headers });
    if (service === 'emr') return emrEffect(operation, body.toString(), names);
    return redshiftEffect(operation, body.toString(), names);
  };

  const forward = async (incoming: IncomingMessage, body: Buffer): Promise<Reply> => {
    const reply = await send(new URL(incoming.url ?? '', target), incoming, body, agent);
    if (service !== 's3' && reply.status === 200) {
      for (const [id, name] of namesGiven(body.toString(), reply.body.toString())) {
        names.set(id, name);
      }
    }
    return reply;
  };

  /** The answer to pass on; undefined where the caller gets none. */
  const answer = async (
    incoming: IncomingMessage,
    body: Buffer,
    call: Call,
  ): Promise<Reply | undefined> => {
    switch (call.fault) {
      case 'killed before':
        controls.kill();
        return undefined;
      case 'error reply':
      case 'errors in a row':
        return refusal(service);
      case 'answered twice':
        await forward(incoming, body);
        break;
      case 'killed after':
      case 'lost answer':
      case undefined:
        break;
    }
    const reply = await forward(incoming, body);
    const ends =
      call.last !== undefined && reply.status === 200 && tellsTheEnd(reply.body.toString());
    // A poll's first call may be its last one, too.
    const atTheEnd = ends ? controls.book.ended(call) : undefined;
    const late = call.fault ?? atTheEnd;
    return afterwards(late, call.fault, reply);
  };

  /** Faults that wait for the server's answer; a poll's last call has only these. */
  const afterwards = (late: Fault | undefined, early: Fault | undefined, reply: Reply) => {
    if (late === 'killed before' || late === 'killed after') {
      controls.kill();
      return undefined;
    }
    if (late === 'lost answer') return undefined;
    if (early === undefined && (late === 'error reply' || late === 'errors in a row')) {
      return refusal(service);
    }
    return reply;
  };

  const serve = async (incoming: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(incoming);
    const call = controls.book.arrive(effectOf(incoming, body));
    controls.listen?.(call.name, body.toString());
    const release = await controls.gate(call.name);
    try {
      const reply = await answer(incoming, body, call);
      if (reply === undefined) incoming.socket.destroy();
      else pass(reply, response, incoming.method === 'HEAD');
    } finally {
      release();
    }
  };

  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    serve(incoming, response).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      agent.destroy();
    },
  };
}

function refusal(service: HttpService): Reply {
  const { status, headers, body } = errorReply(service);
  return { status, headers: Object.entries(headers).flat(), body: Buffer.from(body) };
}

function send(url: URL, incoming: IncomingMessage, body: Buffer, agent: Agent): Promise<Reply> {
  const headers = Object.entries(incoming.headers).filter(
    ([name]) => name !== 'expect' && name !== 'transfer-encoding',
  );
  const options = {
    method: incoming.method ?? 'GET',
    agent,
    headers: { ...Object.fromEntries(headers), 'content-length': String(body.length) },
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, options, (reply) => {
      buffer(reply).then((content) => {
        resolve({ status: reply.statusCode ?? 502, headers: reply.rawHeaders, body: content });
      }, reject);
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

function pass({ status, headers, body }: Reply, response: ServerResponse, head: boolean): void {
  const names = headers.filter((_, at) => at % 2 === 0);
  const skipped = new Set(['connection', 'keep-alive', 'transfer-encoding']);
  if (!head) skipped.add('content-length');
  response.statusCode = status;
  names.forEach((name, at) => {
    if (!skipped.has(name.toLowerCase())) response.setHeader(name, headers[2 * at + 1] ?? '');
  });
  if (!head) response.setHeader('content-length', body.length);
  response.end(head ? undefined : body);
}
