/** An HTTP server before another one, which answers as a test says: instead of it, or in its name. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as send,
} from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Exchange {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers?: IncomingHttpHeaders;
  readonly body: Buffer | string;
}

export interface Rule {
  readonly when: (call: Exchange) => boolean;
  /** How many of these calls are meddled with; all of them when it is not given. */
  readonly times?: number;
  /** Answers without the server. */
  readonly instead?: (call: Exchange) => Answer;
  /** Changes what the server is sent. */
  readonly sent?: (call: Exchange) => Buffer;
  /** Changes what the server answered, or keeps it back for a while; undefined breaks the connection off. */
  readonly answered?: (
    answer: Required<Answer>,
    call: Exchange,
  ) => Answer | undefined | Promise<Answer | undefined>;
}

export interface HttpFront extends AsyncDisposable {
  readonly url: string;
  /** Method and path of what was asked, in order. */
  readonly calls: Exchange[];
  /** The first rule that matches a call is used. */
  readonly rules: Rule[];
}

/** An error as S3 writes it. */
export const s3Refusal = (status: number, code: string): Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>scripted by a test</Message><RequestId>R1</RequestId></Error>`,
});

/** Starts it on a free port of the loopback address, before the server that the address names. */
export async function startHttpFront(address: string): Promise<HttpFront> {
  const target = new URL(address);
  const calls: Exchange[] = [];
  const rules: Rule[] = [];
  const used = new Map<Rule, number>();

  const forward = async (call: Exchange, body: Buffer): Promise<Required<Answer>> => {
    const { hostname, port } = target;
    const headers = { ...call.headers, 'content-length': String(body.length) };
    const request = send({ hostname, port, method: call.method, path: call.url, headers });
    request.end(body);
    const [reply] = (await once(request, 'response')) as [IncomingMessage];
    return { status: reply.statusCode ?? 0, headers: reply.headers, body: await buffer(reply) };
  };
  const answer = async (call: Exchange): Promise<Answer | undefined> => {
    const rule = rules.find(
      (one) => one.when(call) && (used.get(one) ?? 0) < (one.times ?? Infinity),
    );
    if (rule !== undefined) used.set(rule, (used.get(rule) ?? 0) + 1);
    if (rule?.instead !== undefined) return rule.instead(call);
    const given = await forward(call, rule?.sent?.(call) ?? call.body);
    return rule?.answered === undefined ? given : rule.answered(given, call);
  };

  const server = createServer((request, response) => {
    void (async () => {
      const { method = '', url = '', headers } = request;
      const call: Exchange = { method, url, headers, body: await buffer(request) };
      calls.push(call);
      const given = await answer(call).catch(() => undefined);
      if (given === undefined) {
        request.socket.destroy();
        return;
      }
      // Of a HEAD the length is what a GET would have.
      const replaced = method === 'HEAD' ? [] : ['content-length'];
      const kept = Object.entries(given.headers ?? {}).filter(
        ([name]) => ![...replaced, 'transfer-encoding'].includes(name),
      );
      response.writeHead(given.status, {
        ...Object.fromEntries(kept),
        ...(method === 'HEAD' ? {} : { 'content-length': Buffer.byteLength(given.body) }),
      });
      response.end(method === 'HEAD' ? undefined : given.body);
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const listening = server.address();
  if (listening === null || typeof listening === 'string') throw new Error('no port was given');
  return {
    url: `http://127.0.0.1:${String(listening.port)}`,
    calls,
    rules,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
