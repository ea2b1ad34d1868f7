/** The reply of each service to a call that it rejects temporarily. */

export type HttpService = 's3' | 'emr' | 'redshift-data' | 'secretsmanager';

export interface ErrorReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** S3's as in its guide, "Error responses"; the others use AWS JSON 1.1. */
export function errorReply(service: HttpService): ErrorReply {
  if (service === 's3') {
    return {
      status: 503,
      headers: { 'content-type': 'application/xml', 'x-amz-request-id': 'injected' },
      body: '<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>',
    };
  }
  const [status, __type, message] =
    service === 'emr'
      ? [400, 'ThrottlingException', 'Rate exceeded']
      : [500, 'InternalServerException', 'The server met an error'];
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'injected' },
    body: JSON.stringify({ __type, message }),
  };
}
