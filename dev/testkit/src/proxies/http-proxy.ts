/** An HTTP proxy that records calls and applies a test's rules: it replaces or changes requests and replies. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as send,
} from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface HttpCall {
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
  readonly when: (call: HttpCall) => boolean;
  /** How many of these calls the rule affects; default: all. */
  readonly times?: number;
  /** Replies without the server; undefined: the server replies. */
  readonly instead?: (call: HttpCall) => Answer | undefined | Promise<Answer | undefined>;
  /** Changes the body that the server receives. */
  readonly sent?: (call: HttpCall) => Buffer;
  /** Changes or delays the server's reply; undefined closes the connection instead. */
  readonly answered?: (
    answer: Required<Answer>,
    call: HttpCall,
  ) => Answer | undefined | Promise<Answer | undefined>;
}

export interface HttpProxy extends AsyncDisposable {
  readonly url: string;
  /** All calls so far, in order. */
  readonly calls: HttpCall[];
  /** The first rule that matches a call applies. */
  readonly rules: Rule[];
}

/** An error reply of S3. */
export const s3ErrorReply = (status: number, code: string): Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>scripted by a test</Message><RequestId>R1</RequestId></Error>`,
});

/** Starts the proxy on a free port of the loopback address, in front of the given server. */
export async function startHttpProxy(address: string): Promise<HttpProxy> {
  const target = new URL(address);
  const calls: HttpCall[] = [];
  const rules: Rule[] = [];
  const used = new Map<Rule, number>();

  const forward = async (call: HttpCall, body: Buffer): Promise<Required<Answer>> => {
    const { hostname, port } = target;
    const headers = { ...call.headers, 'content-length': String(body.length) };
    const request = send({ hostname, port, method: call.method, path: call.url, headers });
    request.end(body);
    const [reply] = (await once(request, 'response')) as [IncomingMessage];
    return { status: reply.statusCode ?? 0, headers: reply.headers, body: await buffer(reply) };
  };
  const answer = async (call: HttpCall): Promise<Answer | undefined> => {
    const rule = rules.find(
      (one) => one.when(call) && (used.get(one) ?? 0) < (one.times ?? Infinity),
    );
    if (rule !== undefined) used.set(rule, (used.get(rule) ?? 0) + 1);
    const instead = await rule?.instead?.(call);
    if (instead !== undefined) return instead;
    const given = await forward(call, rule?.sent?.(call) ?? call.body);
    return rule?.answered === undefined ? given : rule.answered(given, call);
  };

  const server = createServer((request, response) => {
    void (async () => {
      const { method = '', url = '', headers } = request;
      const call: HttpCall = { method, url, headers, body: await buffer(request) };
      calls.push(call);
      const given = await answer(call).catch(() => undefined);
      if (given === undefined) {
        request.socket.destroy();
        return;
      }
      // The reply to HEAD has the content-length of a GET.
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
