/** Signature Version 4 of requests with an Authorization header, as AWS's JSON services verify it. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import type { KeyPair } from '../key-pair.ts';
import { ServiceError } from './service-error.ts';

export interface Unsigned {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Signer {
  readonly keys: KeyPair;
  /** The service's name in the scope of the signature, e.g. `elasticmapreduce`. */
  readonly signingName: string;
}

/** IAM user guide, "Elements of an AWS API request signature": most services allow five minutes. */
const allowedSkewMs = 5 * 60_000;

/** The request with an Authorization header that covers all of its headers and the body. */
export function sign(
  { method, target, headers, body }: Unsigned,
  { keys, signingName }: Signer,
  region: string,
  signingDate = new Date(),
) {
  const [path, query] = split(target, '?');
  const parameters = new URLSearchParams(query);
  const signer = new SignatureV4({
    credentials: keys,
    service: signingName,
    region,
    sha256: Hash.bind(null, 'sha256'),
    applyChecksum: false,
  });
  return signer.sign(
    {
      ...{ method, path, body, protocol: 'http:', hostname: '' },
      query: Object.fromEntries(
        [...parameters.keys()].map((name) => [name, parameters.getAll(name)]),
      ),
      headers: { ...headers },
    },
    // Otherwise the library leaves out some that another client may have signed.
    { signingDate, signableHeaders: new Set(Object.keys(headers)) },
  );
}

/** What the Authorization header claims; it is not verified yet. */
export interface Claim {
  readonly region: string;
  readonly headers: readonly string[];
  readonly signature: string;
  readonly signedAt: Date;
}

/**
 * Reads the claim, and refuses what needs no look at the body: no or another access key, another service, an old date.
 * @throws ServiceError
 */
export function claimOf(
  { headers }: Pick<IncomingMessage, 'headers'>,
  { keys, signingName }: Signer,
  now = Date.now(),
): Claim {
  const { authorization } = headers;
  if (authorization === undefined) {
    throw denied('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const [algorithm, rest] = split(authorization, ' ');
  const fields = Object.fromEntries(rest.split(',').map((field) => split(field.trim(), '=')));
  const { Credential = '', SignedHeaders = '', Signature = '' } = fields;
  const [accessKeyId, date, region, service, end, ...more] = Credential.split('/');
  const amzDate = String(headers['x-amz-date'] ?? '');
  const signedAt = dateOf(amzDate);
  if (
    algorithm !== 'AWS4-HMAC-SHA256' ||
    [SignedHeaders, Signature].includes('') ||
    region === undefined ||
    end !== 'aws4_request' ||
    more.length > 0 ||
    signedAt === undefined
  ) {
    throw new ServiceError(
      'IncompleteSignatureException',
      'the request needs an X-Amz-Date and an Authorization header of AWS4-HMAC-SHA256 with Credential, SignedHeaders and Signature',
    );
  }
  if (accessKeyId !== keys.accessKeyId) {
    throw denied(
      'UnrecognizedClientException',
      'The security token included in the request is invalid: this is not the access key of this local cloud (see .env.local); credentials of its STS work for S3 and Secrets Manager alone',
    );
  }
  if (Math.abs(now - signedAt.getTime()) > allowedSkewMs) {
    const state = signedAt.getTime() < now ? 'expired' : 'not yet current';
    throw invalid(`Signature ${state}: ${amzDate}, and now it is ${new Date(now).toISOString()}`);
  }
  if (service !== signingName || date !== amzDate.slice(0, 8)) {
    throw invalid(
      `Credential should be scoped to the date of the request and to correct service: '${signingName}'.`,
    );
  }
  const names = SignedHeaders.split(';');
  const unsigned = ['host', ...Object.keys(headers)].find(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !names.includes(name),
  );
  if (unsigned !== undefined) throw invalid(`'${unsigned}' must be a 'SignedHeader'.`);
  return { region, headers: names, signature: Signature, signedAt };
}

/** @throws ServiceError InvalidSignatureException unless the key signed these headers and this body. */
export async function verify(
  request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  body: string,
  claim: Claim,
  signer: Signer,
): Promise<void> {
  const digest = request.headers['x-amz-content-sha256'];
  const isOfBody =
    digest === undefined || digest === createHash('sha256').update(body).digest('hex');
  const { method = '', url: target = '' } = request;
  const headers = Object.fromEntries(
    claim.headers.map((name) => [name, String(request.headers[name] ?? '')]),
  );
  const unsigned = { method, target, headers, body };
  const signed = await sign(unsigned, signer, claim.region, claim.signedAt);
  const own = split(signed.headers['authorization'] ?? '', 'Signature=')[1];
  if (!isOfBody || !isEqual(own, claim.signature)) {
    throw invalid(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    );
  }
}

/** Takes the same time wherever the two differ. */
function isEqual(own: string, given: string): boolean {
  const [one, other] = [Buffer.from(own), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function dateOf(amzDate: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(amzDate);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** The text before and after the separator's first place. */
function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

const denied = (code: string, message: string): ServiceError =>
  new ServiceError(code, message, {}, 403);
const invalid = (message: string): ServiceError => denied('InvalidSignatureException', message);
