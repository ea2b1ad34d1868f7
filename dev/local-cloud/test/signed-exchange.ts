/** Signed requests that a test changes, sent without an SDK. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request as send } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { sign } from '../src/endpoint/signature.ts';
import { type KeyPair, keyPairOf } from '../src/key-pair.ts';

export interface Reply {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A request that the service answers. */
export interface Call {
  readonly url: URL;
  readonly method: string;
  readonly target: string;
  readonly signingName: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly keys: KeyPair;
}

/** How what is sent differs from it. */
export interface Change {
  readonly keys?: KeyPair;
  readonly date?: Date;
  /** Signed. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Added or replaced after signing; undefined removes. */
  readonly later?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

type Variables = Readonly<Record<string, string>>;

/** The body and the header with its digest, which S3 needs. */
export const digested = (body: string) => ({
  body,
  headers: { 'x-amz-content-sha256': createHash('sha256').update(body).digest('hex') },
});

/** Writes an object of the pipeline's bucket. */
export const putObject = (env: Variables, key: string, body: string): Call => ({
  ...digested(body),
  url: new URL(env['AWS_ENDPOINT_URL_S3'] ?? ''),
  method: 'PUT',
  target: `/${env['PIPELINE_BUCKET'] ?? ''}/${key}`,
  signingName: 's3',
  keys: keyPairOf(env),
});

/** A call of the AWS JSON protocol. */
export const jsonCall = (
  url: string,
  signingName: string,
  target: string,
  env: Variables,
): Call => ({
  ...{ url: new URL(url), method: 'POST', target: '/', signingName, body: '{}' },
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
  keys: keyPairOf(env),
});

export async function exchange(call: Call, change: Change = {}): Promise<Reply> {
  return exchangeRaw(
    call.url,
    call.method,
    call.target,
    await headersOf(call, change),
    change.body ?? call.body,
  );
}

async function headersOf(call: Call, change: Change): Promise<Record<string, string>> {
  const { url, method, target, signingName, body } = call;
  const signer = { keys: change.keys ?? call.keys, signingName };
  const headers = { host: url.host, ...call.headers, ...change.headers };
  const signed = await sign({ method, target, body, headers }, signer, 'us-east-1', change.date);
  const sent = Object.entries({ ...signed.headers, ...change.later }).filter(
    (header): header is [string, string] => header[1] !== undefined,
  );
  return Object.fromEntries(sent);
}

/** Announces the body, and sends it if the server asks for it. */
export async function announced(
  call: Call,
  change: Change = {},
): Promise<{ readonly asked: boolean; readonly status: number | undefined }> {
  const { url, method, target: path, body } = call;
  const length = String(Buffer.byteLength(body));
  const headers = { ...(await headersOf(call, change)), 'content-length': length };
  const request = send(url, {
    method,
    path,
    agent: false,
    headers: { ...headers, expect: '100-continue' },
  });
  let asked = false;
  request.on('continue', () => {
    asked = true;
    request.end(body);
  });
  request.flushHeaders();
  const [reply] = (await once(request, 'response')) as [IncomingMessage];
  await text(reply);
  request.destroy();
  return { asked, status: reply.statusCode };
}

/** Sends an unsigned PUT whose body does not end. Returns how many bytes it could write before it was cut off. */
export async function sendWithoutEnd(url: URL, target: string): Promise<number> {
  const socket = connect(Number(url.port), url.hostname);
  // A connection that is closed while its client writes is reset.
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });
  socket.on('error', () => undefined).resume();
  const head = [
    `PUT ${target} HTTP/1.1`,
    `Host: ${url.host}`,
    `Content-Length: ${String(2 ** 40)}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  const chunk = Buffer.alloc(2 ** 18);
  let sent = 0;
  while (!socket.destroyed && sent < 2 ** 28) {
    if (!socket.write(chunk)) {
      await Promise.race([closed, once(socket, 'drain').catch(() => undefined)]);
    }
    sent += chunk.length;
  }
  socket.destroy();
  await closed;
  return sent;
}

/** Sends exactly these headers; `host` by default is that of the URL. */
export async function exchangeRaw(
  url: URL,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): Promise<Reply> {
  const call = send(url, { method, path, headers, agent: false });
  call.end(body);
  const [reply] = (await once(call, 'response')) as [IncomingMessage];
  return { status: reply.statusCode, headers: reply.headers, body: await text(reply) };
}

/** The error code of a reply in XML or JSON. */
export const errorCode = ({ body }: Reply): string =>
  /<Code>(.*?)<\/Code>/.exec(body)?.[1] ??
  (JSON.parse(body) as { __type?: string }).__type ??
  'no code';
