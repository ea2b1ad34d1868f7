/** Answers one client's messages in order: simple queries, and prepared statements with portals. */
import type { Socket } from 'node:net';
import { fillPlaceholders, knownType, literal, readValue } from './values/bound-values.ts';
import { ClientOutput } from './client-output.ts';
import { Fields, readMessage, type ClientMessage } from './client-messages.ts';
import { oids, type ResultColumn } from './values/column-types.ts';
import { isBinary, ResultRows } from './result-rows.ts';
import * as server from './server-messages.ts';
import type { Outcome, Session } from './session.ts';
import type { SessionTurns } from './session-turns.ts';
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

export class ClientConnection {
  readonly #socket: Socket;
  readonly #session: Session;
  readonly #turns: SessionTurns;
  readonly #onBug: (error: unknown) => void;
  readonly #prepared = new Map<string, Prepared>();
  readonly #portals = new Map<string, Portal>();
  readonly #output: ClientOutput;
  /** After an error, everything up to the next Sync is skipped. */
  #skipping = false;

  constructor(
    socket: Socket,
    session: Session,
    turns: SessionTurns,
    onBug: (error: unknown) => void,
  ) {
    this.#socket = socket;
    this.#output = new ClientOutput(socket);
    this.#session = session;
    this.#turns = turns;
    this.#onBug = onBug;
  }

  /** Answers until the client goes. */
  async serve(): Promise<void> {
    this.#output.send(server.readyForQuery('I'));
    await this.#output.flush();
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
    this.#turns.setBusy(true);
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
          this.#output.send(server.closeComplete);
          break;
        case 'H':
          await this.#output.flush();
          break;
        default:
          throw new SessionError(states.protocol, `unexpected message "${type}"`);
      }
    } catch (error) {
      const fields = errorFields(error);
      if (fields.isBug) this.#onBug(error);
      this.#output.send(server.errorResponse(fields));
      this.#skipping = type !== 'Q';
      await this.#output.flush();
    }
    if (type === 'Q') await this.#ready();
  }

  async #ready(): Promise<void> {
    // A portal lives as long as its transaction.
    if (this.#session.status === 'I') this.#portals.clear();
    this.#turns.setBusy(false);
    this.#output.send(server.readyForQuery(this.#session.status));
    await this.#output.flush();
  }

  async #query(text: string): Promise<void> {
    const statements = await this.#session.read(text);
    if (statements.length === 0) this.#output.send(server.emptyQueryResponse);
    for (const tokens of statements) {
      const statement = fillPlaceholders(tokens, () => undefined);
      const outcome = await this.#session.run(statement, statements.length > 1);
      const { result, columns = [] } = outcome;
      if (result !== undefined) this.#output.send(server.rowDescription(columns, []));
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
    this.#output.send(server.parseComplete);
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
    this.#output.send(server.bindComplete);
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
      this.#output.send(server.parameterDescription(types));
    }
    const { columns } = prepared;
    const binary = (columns ?? []).map((_, at) => isBinary(portal?.formats ?? [], at));
    this.#output.send(
      columns === undefined ? server.noData : server.rowDescription(columns, binary),
    );
  }

  async #execute(name: string, limit: number): Promise<void> {
    const portal = this.#portal(name);
    if (portal.tokens.length === 0) {
      this.#output.send(server.emptyQueryResponse);
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
    if (report !== undefined) this.#output.send(server.parameterStatus(...report));
    if (rows === undefined) {
      this.#output.send(server.commandComplete(tag));
      return;
    }
    const blocks = rows.take(limit);
    for (;;) {
      const block = await blocks.next();
      if (block.done === true) {
        const all = server.commandComplete(tag === 'SELECT' ? `SELECT ${rows.count}` : tag);
        this.#output.send(block.value ? server.portalSuspended : all);
        return;
      }
      this.#output.send(block.value);
      await this.#output.flushIfFull();
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
}
