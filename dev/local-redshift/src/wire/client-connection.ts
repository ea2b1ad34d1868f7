/** Answers one client's messages in order: simple queries, and prepared statements with portals. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fillPlaceholders, knownType, literal, readValue } from './bound-values.ts';
import { Fields, readMessage, type ClientMessage } from './client-messages.ts';
import { oids, type ResultColumn } from './column-types.ts';
import { isBinary, ResultRows } from './result-rows.ts';
import * as server from './server-messages.ts';
import type { Outcome, Session } from './session.ts';
import { errorFields, SessionError, states } from './sqlstate.ts';
import type { Token } from '../sql/sql-tokens.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

interface Prepared {
  /** Empty for an empty text. */
  readonly tokens: readonly Token[];
  /** The types of the parameters; 0 if unknown. */
  parameters: readonly number[];
  columns?: readonly ResultColumn[] | undefined;
  described: boolean;
}

interface Portal {
  readonly prepared: Prepared;
  readonly tokens: readonly Token[];
  readonly formats: readonly number[];
  outcome?: Outcome;
  rows?: ResultRows;
}

/** Bytes that are collected before they are sent. */
const batchSize = 64 * 1024;

export class ClientConnection {
  readonly #socket: Socket;
  readonly #session: Session;
  readonly #onBug: (error: unknown) => void;
  readonly #prepared = new Map<string, Prepared>();
  readonly #portals = new Map<string, Portal>();
  #output: Buffer[] = [];
  #outputSize = 0;
  /** After an error, everything up to the next Sync is skipped. */
  #skipping = false;

  constructor(socket: Socket, session: Session, onBug: (error: unknown) => void) {
    this.#socket = socket;
    this.#session = session;
    this.#onBug = onBug;
  }

  /** Answers until the client goes. */
  async serve(): Promise<void> {
    this.#send(server.readyForQuery('I'));
    await this.#flush();
    for (;;) {
      const message = await readMessage(this.#socket, true);
      if (message === undefined || message.type === 'X') return;
      if (message.type === 'S') {
        this.#skipping = false;
        await this.#ready();
      } else if (!this.#skipping) {
        await this.#answer(message);
      }
    }
  }

  async #answer({ type, body }: ClientMessage): Promise<void> {
    try {
      const fields = new Fields(body);
      switch (type) {
        case 'Q':
          await this.#query(fields.text());
          break;
        case 'P':
          await this.#parse(fields);
          break;
        case 'B':
          this.#bind(fields);
          break;
        case 'D':
          await this.#describe(fields.letter(), fields.text());
          break;
        case 'E':
          await this.#execute(fields.text(), fields.int32());
          break;
        case 'C':
          (fields.letter() === 'S' ? this.#prepared : this.#portals).delete(fields.text());
          this.#send(server.closeComplete);
          break;
        case 'H':
          await this.#flush();
          break;
        default:
          throw new SessionError(states.protocol, `unexpected message "${type}"`);
      }
    } catch (error) {
      const fields = errorFields(error);
      if (fields.isBug) this.#onBug(error);
      this.#send(server.errorResponse(fields));
      this.#skipping = type !== 'Q';
      await this.#flush();
    }
    if (type === 'Q') await this.#ready();
  }

  async #ready(): Promise<void> {
    // A portal lives as long as its transaction.
    if (this.#session.status === 'I') this.#portals.clear();
    this.#send(server.readyForQuery(this.#session.status));
    await this.#flush();
  }

  async #query(text: string): Promise<void> {
    const statements = await this.#session.read(text);
    if (statements.length === 0) this.#send(server.emptyQueryResponse);
    for (const tokens of statements) {
      const statement = fillPlaceholders(tokens, () => undefined);
      const outcome = await this.#session.run(statement, statements.length > 1);
      const { result, columns = [] } = outcome;
      if (result !== undefined) this.#send(server.rowDescription(columns, []));
      await this.#complete(outcome, result && new ResultRows(result, columns, []), 0);
    }
    await this.#session.endText();
  }

  async #parse(fields: Fields): Promise<void> {
    const name = fields.text();
    const [tokens = [], ...others] = await this.#session.read(fields.text());
    if (others.length > 0) {
      throw new WarehouseError('cannot insert multiple commands into a prepared statement');
    }
    const declared = fields.list(() => fields.int32());
    const numbers = tokens.flatMap(({ kind, text }) =>
      kind === 'placeholder' ? [Number(text)] : [],
    );
    const parameters = Array.from({ length: Math.max(declared.length, ...numbers) }, (_, at) =>
      knownType(declared[at], 0),
    );
    this.#prepared.set(name, { tokens, parameters, described: false });
    this.#send(server.parseComplete);
  }

  #bind(fields: Fields): void {
    const name = fields.text();
    const prepared = this.#statement(fields.text());
    const formats = fields.list(() => fields.int16());
    const values = fields.list(() => fields.value());
    const bound = values.map((bytes, at) => {
      const oid = prepared.parameters[at] ?? 0;
      return literal(at + 1, readValue(bytes, oid, isBinary(formats, at)), oid);
    });
    const tokens = fillPlaceholders(prepared.tokens, (number) => bound[number - 1]);
    this.#portals.set(name, { prepared, tokens, formats: fields.list(() => fields.int16()) });
    this.#send(server.bindComplete);
  }

  async #describe(kind: string, name: string): Promise<void> {
    const portal = kind === 'P' ? this.#portal(name) : undefined;
    const prepared = portal?.prepared ?? this.#statement(name);
    if (!prepared.described && prepared.tokens.length > 0) {
      const found = await this.#session.describe(
        portal?.tokens ?? prepared.tokens,
        prepared.parameters,
      );
      prepared.parameters = found.parameters;
      prepared.columns = found.columns;
      prepared.described = true;
    }
    if (portal === undefined) {
      // Some clients ask for the type 0; text becomes what the context needs.
      const types = prepared.parameters.map((oid) => knownType(oid, oids.varchar));
      this.#send(server.parameterDescription(types));
    }
    const { columns } = prepared;
    const binary = (columns ?? []).map((_, at) => isBinary(portal?.formats ?? [], at));
    this.#send(columns === undefined ? server.noData : server.rowDescription(columns, binary));
  }

  async #execute(name: string, limit: number): Promise<void> {
    const portal = this.#portal(name);
    if (portal.tokens.length === 0) {
      this.#send(server.emptyQueryResponse);
      return;
    }
    portal.outcome ??= await this.#session.run(portal.tokens);
    const { result, columns = [] } = portal.outcome;
    if (result !== undefined) {
      portal.rows ??= new ResultRows(result, portal.prepared.columns ?? columns, portal.formats);
    }
    await this.#complete(portal.outcome, portal.rows, limit);
  }

  async #complete(
    { tag, report }: Outcome,
    rows: ResultRows | undefined,
    limit: number,
  ): Promise<void> {
    if (report !== undefined) this.#send(server.parameterStatus(...report));
    if (rows === undefined) {
      this.#send(server.commandComplete(tag));
      return;
    }
    const blocks = rows.take(limit);
    for (;;) {
      const block = await blocks.next();
      if (block.done === true) {
        const all = server.commandComplete(tag === 'SELECT' ? `SELECT ${rows.count}` : tag);
        this.#send(block.value ? server.portalSuspended : all);
        return;
      }
      this.#send(block.value);
      if (this.#outputSize > batchSize) await this.#flush();
    }
  }

  #statement(name: string): Prepared {
    const prepared = this.#prepared.get(name);
    if (prepared !== undefined) return prepared;
    throw new SessionError(states.noStatement, `prepared statement "${name}" does not exist`);
  }

  #portal(name: string): Portal {
    const portal = this.#portals.get(name);
    if (portal !== undefined) return portal;
    throw new SessionError(states.noCursor, `portal "${name}" does not exist`);
  }

  #send(bytes: Buffer): void {
    this.#output.push(bytes);
    this.#outputSize += bytes.length;
  }

  /** Waits while the client does not read, so that a large result is not held a second time. */
  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#output);
    this.#output = [];
    this.#outputSize = 0;
    if (this.#socket.destroyed || this.#socket.write(bytes)) return;
    const closed = new AbortController();
    const close = () => {
      closed.abort();
    };
    this.#socket.once('close', close);
    await once(this.#socket, 'drain', { signal: closed.signal }).catch(() => undefined);
    this.#socket.off('close', close);
  }
}
