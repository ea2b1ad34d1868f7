/** The start of a connection: TLS is declined, the password is checked, and the session is introduced. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { Fields, loginLimit, readMessage } from './client-messages.ts';
import { parameters } from '../warehouse/parameters.ts';
import { authentication, parameterStatus } from './server-messages.ts';
import { SessionError, states } from './sqlstate.ts';

/** The codes that take the place of a protocol version. */
const cancelRequest = 80_877_102;
const tlsRequest = 80_877_103;
const gssRequest = 80_877_104;

export interface Account {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export type Login =
  | { readonly kind: 'session'; readonly settings: ReadonlyMap<string, string> }
  /** A second connection that asks to cancel what the first one runs. */
  | { readonly kind: 'cancel'; readonly process: number; readonly secret: number };

/** Undefined if the client has gone. @throws SessionError if it is refused. */
export async function logIn(socket: Socket, account: Account): Promise<Login | undefined> {
  for (;;) {
    const packet = await readMessage(socket, false, loginLimit);
    if (packet === undefined) return undefined;
    const fields = new Fields(packet.body);
    const version = fields.int32();
    if (version === tlsRequest || version === gssRequest) {
      // By default only this machine can connect, and the password is never sent.
      socket.write('N');
      continue;
    }
    if (version === cancelRequest) {
      return { kind: 'cancel', process: fields.int32(), secret: fields.int32() };
    }
    if (version >> 16 !== 3) {
      throw new SessionError(states.protocol, `unsupported frontend protocol ${version >> 16}`);
    }
    const settings = readSettings(fields);
    const user = settings.get('user') ?? '';
    if (!(await hasPassword(socket, user, account))) {
      throw new SessionError(
        states.wrongPassword,
        `password authentication failed for user "${user}"`,
      );
    }
    const database = settings.get('database') ?? user;
    if (database !== account.database) {
      throw new SessionError(states.noDatabase, `database "${database}" does not exist`);
    }
    return { kind: 'session', settings };
  }
}

function readSettings(fields: Fields): Map<string, string> {
  const settings = new Map<string, string>();
  for (let name = fields.text(); name !== ''; name = fields.text())
    settings.set(name, fields.text());
  return settings;
}

/** MD5 over a salt, as Redshift does it: the password itself is not sent. */
async function hasPassword(
  socket: Socket,
  user: string,
  { user: known, password }: Account,
): Promise<boolean> {
  const salt = randomBytes(4);
  socket.write(authentication(5, salt));
  const answer = await readMessage(socket, true, loginLimit);
  if (answer?.type !== 'p') return false;
  const expected = `md5${md5(md5(password + known), salt)}`;
  const given = Buffer.from(new Fields(answer.body).text().padEnd(expected.length));
  return (
    user === known &&
    given.length === expected.length &&
    timingSafeEqual(given, Buffer.from(expected))
  );
}

function md5(text: string, salt = Buffer.alloc(0)): string {
  return createHash('md5').update(text).update(salt).digest('hex');
}

const reported = [
  'server_version',
  'server_encoding',
  'client_encoding',
  'DateStyle',
  'TimeZone',
  'integer_datetimes',
  'is_superuser',
];

/** What a server says of itself before the first statement. */
export function greeting(user: string): Buffer {
  const statuses = [
    ...reported.map((name) => [name, parameters.get(name.toLowerCase()) ?? ''] as const),
    ['session_authorization', user] as const,
    // Drivers recognise Redshift by it.
    ['padb_revision', 'local'] as const,
    ['padb_version', parameters.get('server_version') ?? ''] as const,
    ['max_numeric_precision', '38'] as const,
    ['max_varchar_size', '65535'] as const,
  ].map(([name, value]) => parameterStatus(name, value));
  return Buffer.concat([authentication(0), ...statuses]);
}
