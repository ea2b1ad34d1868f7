import { inspect } from 'node:util';
import { Failure } from '@user-behaviour/shared/failure';
import { describe, expect, it } from 'vitest';
import { sourceFailure } from './errors.ts';

const coded = (code: string) => Object.assign(new Error(`says ${code}`), { code });

describe('sourceFailure', () => {
  it('names the settings of a replica whose recovery has ended the query', () => {
    expect(sourceFailure('read', coded('40001')).action).toMatch(
      /hot_standby_feedback.*max_standby_streaming_delay/,
    );
  });

  it.each<[string, string, string]>([
    ['28P01', 'a wrong password', 'configuration'],
    ['28000', 'a user without login', 'configuration'],
    ['3D000', 'an unknown database', 'configuration'],
    ['42501', 'a missing privilege', 'configuration'],
    ['CERT_HAS_EXPIRED', 'an expired certificate', 'configuration'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'an unknown authority', 'configuration'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'a self-signed certificate', 'configuration'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'an unknown authority', 'configuration'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'a certificate for another host', 'configuration'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'a server without TLS', 'configuration'],
    ['ENOTFOUND', 'a host that the name service does not know', 'transient'],
    ['57P04', 'a database that was dropped', 'configuration'],
    ['25006', 'a read-only transaction', 'configuration'],
    ['25P03', 'an idle transaction that the server ended', 'transient'],
    ['25P02', 'a failed transaction', 'bug'],
    ['08P01', 'a protocol violation', 'configuration'],
    ['08001', 'a connection that was not established', 'transient'],
    ['3F000', 'a missing schema', 'data'],
    ['21000', 'several rows where one belongs', 'data'],
    ['23505', 'a violated constraint', 'data'],
    ['P0001', 'a function that raises', 'data'],
    ['XX001', 'a corrupted page', 'data'],
    ['XX002', 'a corrupted index', 'data'],
    ['0A000', 'an unsupported feature', 'bug'],
    ['54001', 'a statement that is too complex', 'bug'],
    ['55P03', 'a lock that is not available', 'transient'],
    ['58030', 'an I/O error', 'transient'],
    ['72000', 'a snapshot that is too old', 'transient'],
    ['F0000', 'a wrong configuration file of the server', 'transient'],
    ['HV000', 'a foreign server in trouble', 'transient'],
    ['99999', 'an unknown class', 'transient'],
    ['ZZ123', 'a class of another vendor', 'transient'],
    ['EIO', 'an I/O error of the socket', 'transient'],
    ['42P01', 'a missing table', 'data'],
    ['42703', 'a missing column', 'data'],
    ['22P02', 'a malformed value', 'data'],
    ['57014', 'a statement timeout', 'transient'],
    ['57P01', 'a shutdown', 'transient'],
    ['57P03', 'a server that is starting', 'transient'],
    ['53300', 'too many connections', 'transient'],
    ['40001', 'a conflict with the recovery of a replica', 'transient'],
    ['08006', 'a lost connection', 'transient'],
    ['XX000', 'an internal error', 'transient'],
    ['ECONNREFUSED', 'a refused connection', 'transient'],
    ['ECONNRESET', 'a reset connection', 'transient'],
    ['EAI_AGAIN', 'a name service that is busy', 'transient'],
    ['42601', 'a syntax error', 'bug'],
  ])('classifies %s, %s, as %s', (code, _meaning, kind) => {
    expect(sourceFailure('read', coded(code)).kind).toBe(kind);
  });

  it.each([
    ['Connection terminated unexpectedly', 'transient'],
    ['timeout exceeded when trying to connect', 'transient'],
    ['The server does not support SSL connections', 'configuration'],
    ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'configuration'],
    ['cannot read properties of undefined', 'bug'],
  ])('classifies "%s", which has no code, as %s', (message, kind) => {
    expect(sourceFailure('read', new Error(message)).kind).toBe(kind);
  });

  it.each([
    ['unsupported startup parameter: options', 'configuration'],
    ['unsupported startup parameter in options: statement_timeout', 'configuration'],
    ['invalid frontend message type 80', 'configuration'],
    ['query_wait_timeout', 'transient'],
    ['server_login_retry: server login has been failing, try again later', 'transient'],
    ['no more connections allowed (max_client_conn)', 'transient'],
    ['pgbouncer cannot connect to server', 'transient'],
    ['the pooler is shutting down', 'transient'],
  ])('tells a pooler in trouble from one that is set up wrongly: %s is %s', (message, kind) => {
    const failure = sourceFailure('connect', Object.assign(new Error(message), { code: '08P01' }));
    expect(failure.kind).toBe(kind);
    expect(failure.action).toContain('pooler');
  });

  it('says what failed and what to do', () => {
    const error = coded('28P01');
    const failure = sourceFailure('connect to the source', error);
    expect(failure.message).toBe('could not connect to the source: says … (SQLSTATE 28P01)');
    expect(failure.action).toContain('SOURCE_DATABASE_URL');
    expect(failure.cause).toMatchObject({ code: '28P01' });
  });

  it('has no value of a row, in its text or in its cause', () => {
    const error = Object.assign(new Error('invalid input syntax for type integer: "17850x"'), {
      code: '22P02',
      detail: 'Failing row contains (17850).',
      where: 'COPY user_purchase, line 3, column customer_id: "17850x"',
    });
    const failure = sourceFailure('read the purchases', error);
    expect(inspect(failure)).not.toContain('17850');
    expect(failure.message).toBe(
      'could not read the purchases: invalid input syntax for type integer: "…"; Failing row contains (…). (SQLSTATE 22P02)',
    );
  });

  it('advises no grant if row-level security hides rows', () => {
    const failure = sourceFailure(
      'read',
      Object.assign(coded('42501'), { routine: 'check_enable_rls' }),
    );
    expect(failure.kind).toBe('configuration');
    expect(failure.action).toContain('bypassrls');
    expect(sourceFailure('read', coded('42501')).action).toContain('grant');
  });

  it('takes no SQLSTATE of a server for a code of Node', () => {
    const raised = Object.assign(coded('ER001'), { severity: 'ERROR' });
    expect(sourceFailure('read', raised).action).not.toContain('reachable');
    expect(sourceFailure('read', coded('EPIPE')).action).toContain('reachable');
  });

  it('names the code of an error without a message, as when several addresses refuse', () => {
    const error = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
    expect(sourceFailure('connect', error).message).toBe('could not connect: ECONNREFUSED');
  });

  it('returns a Failure unchanged', () => {
    const failure = new Failure('data', 'x');
    expect(sourceFailure('read', failure)).toBe(failure);
  });

  it.each([
    ['42501', 'permission denied to start WAL sender', 'configuration', '020_role.sql'],
    ['42501', 'permission denied to use replication slots', 'configuration', '020_role.sql'],
    ['42501', 'permission denied for table user_purchase', 'configuration', 'select on'],
    ['55000', 'can no longer access replication slot "a"', 'data', '--reset'],
    ['55000', 'can no longer get changes from replication slot "a"', 'data', '--reset'],
    ['42704', 'replication slot "a" does not exist', 'data', '--reset'],
    ['55000', 'cannot read from logical replication slot "a"', 'data', '--reset'],
    ['42704', 'publication "a" does not exist', 'data', '010_identity_and_publication.sql'],
    [
      ...['55000', 'logical decoding on standby requires "wal_level" >= "logical" on the primary'],
      ...['configuration', 'wal_level=logical at the primary'],
    ],
    ['42704', 'type "a" does not exist', 'bug', ''],
    ['55006', 'replication slot "a" is active for PID 7', 'transient', 'another process'],
    ['53400', 'all replication slots are in use', 'configuration', 'max_replication_slots'],
  ])('tells what to do about replication: %s, %s', (code, message, kind, action) => {
    const error = Object.assign(new Error(message), { code, severity: 'ERROR' });
    const failure = sourceFailure('read the replication slot', error);
    expect(failure.kind).toBe(kind);
    expect(failure.action).toContain(action);
  });
});
