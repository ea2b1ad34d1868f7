/** A server between the jobs and one of the local cloud's, which takes as long as AWS would. */
import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as send,
  type ServerResponse,
} from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Call, now, type Recording } from './recording.ts';

/** A JSON object, as requests and replies of EMR and the Data API are. */
export type Message = Readonly<Record<string, unknown>>;

export interface Exchange {
  readonly job: string;
  readonly operation: string;
  readonly arrived: number;
  readonly request: Message;
}

/** Returns the reply as AWS would give it now, and returns it when AWS would. */
export type Answer = (exchange: Exchange, reply: Message) => Promise<Message>;

export interface FrontOptions {
  readonly service: Call['service'];
  /** The address of the server behind. */
  readonly target: string;
  /** Milliseconds that every call takes beside the server's own. */
  readonly latency: number;
  readonly recording: Recording;
  /** For services that speak JSON; only replies that are no errors. */
  readonly answer?: Answer;
}

export interface Front extends AsyncDisposable {
  readonly url: string;
}

export async function startFront(options: FrontOptions): Promise<Front> {
  const { service, target, latency, recording, answer } = options;
  const agent = new Agent({ keepAlive: true });
  const { hostname, port } = new URL(target);

  const forward = ({ method, url, headers }: IncomingMessage) =>
    send({ agent, hostname, port, method, path: url, headers });

  const stream = async (incoming: IncomingMessage, response: ServerResponse) => {
    const request = forward(incoming);
    const replied = once(request, 'response') as Promise<[IncomingMessage]>;
    const [[reply]] = await Promise.all([replied, pipeline(incoming, request)]);
    response.writeHead(reply.statusCode ?? 502, reply.headers);
    await pipeline(reply, response);
  };

  const converse = async (
    exchange: Omit<Exchange, 'request'>,
    reshape: Answer,
    incoming: IncomingMessage,
    response: ServerResponse,
  ) => {
    const body = await buffer(incoming);
    const request = forward(incoming);
    request.end(body);
    const [reply] = (await once(request, 'response')) as [IncomingMessage];
    let text = await buffer(reply);
    if (reply.statusCode === 200) {
      const given = { ...exchange, request: JSON.parse(body.toString()) as Message };
      const answered = await reshape(given, JSON.parse(text.toString()) as Message);
      text = Buffer.from(JSON.stringify(answered));
    }
    const headers: IncomingHttpHeaders = { ...reply.headers };
    delete headers['transfer-encoding'];
    response.writeHead(reply.statusCode ?? 502, { ...headers, 'content-length': text.length });
    response.end(text);
  };

  const serve = async (incoming: IncomingMessage, response: ServerResponse) => {
    const arrived = now();
    const { method = '', headers } = incoming;
    const [, job = 'unknown'] = /\bapp\/([\w-]+)/.exec(headers['user-agent'] ?? '') ?? [];
    const operation = String(headers['x-amz-target'] ?? method).replace(/^.*\./, '');
    recording.calls.push({ service, job, operation, arrived });
    await sleep(latency);
    if (answer === undefined) await stream(incoming, response);
    else await converse({ job, operation, arrived }, answer, incoming, response);
    recording.waits.push({ kind: service, job, from: arrived, until: now() });
  };

  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    serve(incoming, response).catch(() => incoming.socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return {
    url: `http://127.0.0.1:${String(address.port)}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      agent.destroy();
    },
  };
}
