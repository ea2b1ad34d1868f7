/** One session: its connection to the warehouse, its transaction and its settings. */
import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { parameterQuery } from '../dialect/show.ts';
import type { SpectrumSource } from '../external/external-view.ts';
import type { StatementRecord } from '../statements/statement-record.ts';
import { planTokens, prepareQuery, runPlan, type RunContext } from '../statements/run-statement.ts';
import { toWarehouseError } from '../warehouse/duckdb-errors.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';
import { SqlTextError, tokenize, type Token } from '../sql/sql-tokens.ts';
import { splitStatements } from '../sql/token-groups.ts';
import { SessionError, states } from './sqlstate.ts';
import { describeStatement, type Description } from './description.ts';
import { resultColumn, type ResultColumn } from './values/column-types.ts';
import type { TransactionStatus } from './server-messages.ts';
import { commandTag, sessionCommand, type SessionCommand } from './session-commands.ts';
import type { SessionTurns } from './session-turns.ts';
import type { SessionSettings } from './settings.ts';

export interface Outcome {
  readonly tag: string;
  /** The rows of a query; DuckDB holds them, and they are read a block at a time. */
  readonly result?: DuckDBResult;
  readonly columns?: readonly ResultColumn[];
  /** A setting that the client wants to know. */
  readonly report?: readonly [name: string, value: string] | undefined;
}

export interface SessionDependencies {
  readonly connection: DuckDBConnection;
  readonly source: SpectrumSource;
  readonly turns: SessionTurns;
  /** The statements of the Data API, which the system views show. */
  readonly records: () => readonly StatementRecord[];
  readonly settings: SessionSettings;
}

export class Session {
  readonly #dependencies: SessionDependencies;
  #status: TransactionStatus = 'I';
  /** Whether the transaction was begun for a text of several statements, and not by the client. */
  #implicit = false;

  constructor(dependencies: SessionDependencies) {
    this.#dependencies = dependencies;
  }

  get status(): TransactionStatus {
    return this.#status;
  }

  /** The statements of a text. */
  async read(text: string): Promise<Token[][]> {
    try {
      const statements = splitStatements(tokenize(text));
      const named = statements.flat().find((token) => token.kind === 'parameter');
      if (named !== undefined) throw new WarehouseError('syntax error at or near ":"');
      return statements;
    } catch (error) {
      await this.#fail();
      throw errorOf(error);
    }
  }

  /** Ends the session; an open transaction is rolled back. */
  async close(): Promise<void> {
    const { connection, turns } = this.#dependencies;
    turns.abandon();
    await turns.finish(() => connection.run('rollback').catch(() => undefined));
    connection.closeSync();
  }

  /**
   * Runs one statement. `together` is true for one of several in a text: they are one transaction (PostgreSQL,
   * multiple statements in a simple query). A failure fails the client's transaction.
   */
  async run(statement: readonly Token[], together = false): Promise<Outcome> {
    const command = sessionCommand(statement);
    try {
      if (this.#status === 'E' && command?.kind !== 'commit' && command?.kind !== 'rollback') {
        throw failedTransaction();
      }
      if (together && this.#status === 'I' && !isControl(command)) await this.#begin(true);
      const own = command && (await this.#runCommand(command));
      return own ?? (await this.#runOnWarehouse(statement));
    } catch (error) {
      await this.#fail();
      throw errorOf(error);
    }
  }

  /** Commits what `together` has begun. */
  async endText(): Promise<void> {
    if (this.#implicit) await this.#end('commit');
  }

  /** Describes a statement without running it. `declared` has the types of its parameters; 0 is unknown. */
  async describe(statement: readonly Token[], declared: readonly number[]): Promise<Description> {
    const command = sessionCommand(statement);
    if (command !== undefined) {
      if (command.kind !== 'show') return { parameters: [], columns: undefined };
      const shown = await this.#show(command.name);
      if (shown !== undefined) return { parameters: [], columns: shown.columns };
    }
    if (this.#status === 'E') throw failedTransaction();
    try {
      return await this.#dependencies.turns.take((signal) => {
        const prepare = async (tokens: readonly Token[]) => {
          const context = this.#context(signal);
          const plan = await planTokens(tokens, context);
          return plan.kind === 'sql' && plan.query ? prepareQuery(plan, context) : undefined;
        };
        return describeStatement(statement, declared, prepare);
      });
    } catch (error) {
      await this.#fail();
      throw errorOf(error);
    }
  }

  async #runCommand(command: SessionCommand): Promise<Outcome | undefined> {
    const { connection, settings } = this.#dependencies;
    switch (command.kind) {
      case 'begin':
        if (this.#status === 'I') await this.#begin(false);
        this.#implicit = false;
        return { tag: 'BEGIN' };
      case 'commit':
      case 'rollback': {
        const failed = this.#status === 'E';
        await this.#end(command.kind);
        return { tag: failed ? 'ROLLBACK' : command.kind.toUpperCase() };
      }
      case 'set':
        return { tag: 'SET', report: await settings.set(connection, command.name, command.values) };
      case 'reset':
        return { tag: 'RESET', report: await settings.reset(connection, command.name) };
      case 'reset-all':
        await settings.resetAll(connection);
        return { tag: 'RESET' };
      case 'nothing':
        return { tag: command.tag };
      case 'show':
        return this.#show(command.name);
    }
  }

  /** Undefined if there is no such setting: SHOW TABLES and the like are for the warehouse. */
  async #show(name: string): Promise<Outcome | undefined> {
    const { connection, settings } = this.#dependencies;
    const sql = parameterQuery(name, settings.values);
    return sql === undefined ? undefined : resultOf('SHOW', await connection.run(sql));
  }

  #runOnWarehouse(statement: readonly Token[]): Promise<Outcome> {
    const { connection, turns } = this.#dependencies;
    const alone = this.#status === 'I';
    const run = async (signal: AbortSignal): Promise<Outcome> => {
      const context = this.#context(signal);
      const plan = await planTokens(statement, context);
      if (alone) await connection.run('begin');
      const done = await runPlan(plan, context, (sql) => connection.run(sql));
      signal.throwIfAborted();
      if (alone) await connection.run('commit');
      if (typeof done === 'number') return { tag: commandTag(statement, done) };
      return resultOf('SELECT', done);
    };
    return turns.take(run, async () => {
      if (alone) await connection.run('rollback').catch(() => undefined);
    });
  }

  #context(signal: AbortSignal): RunContext {
    const { connection, source, records } = this.#dependencies;
    const onScan = () => undefined;
    return { connection, source, records, inTransaction: this.#status !== 'I', onScan, signal };
  }

  async #begin(implicit: boolean): Promise<void> {
    await this.#dependencies.connection.run('begin');
    this.#status = 'T';
    this.#implicit = implicit;
  }

  async #end(how: 'commit' | 'rollback'): Promise<void> {
    const { connection, turns } = this.#dependencies;
    const open = this.#status === 'T';
    this.#status = 'I';
    this.#implicit = false;
    if (open) await turns.finish(() => connection.run(how));
  }

  /** Ends the warehouse's transaction at once, so that it conflicts with nobody while the client sees to its error. */
  async #fail(): Promise<void> {
    if (this.#status !== 'T') return;
    const implicit = this.#implicit;
    await this.#dependencies.connection.run('rollback').catch(() => undefined);
    this.#implicit = false;
    this.#status = implicit ? 'I' : 'E';
  }
}

function resultOf(tag: string, result: DuckDBResult): Outcome {
  const names = result.columnNames();
  const columns = names.map((name, at) => resultColumn(name, result.columnType(at)));
  return { tag, result, columns };
}

/** Only the end of a failed transaction is accepted. */
function failedTransaction(): SessionError {
  return new SessionError(
    states.failedTransaction,
    'current transaction is aborted, commands ignored until end of transaction block',
  );
}

function errorOf(error: unknown): SessionError | WarehouseError {
  if (error instanceof SessionError) return error;
  if (error instanceof SqlTextError) return new WarehouseError(error.message);
  return toWarehouseError(error);
}

function isControl(command: SessionCommand | undefined): boolean {
  return command !== undefined && ['begin', 'commit', 'rollback'].includes(command.kind);
}
