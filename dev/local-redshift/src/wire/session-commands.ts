/** The statements that a session handles itself: transactions, settings, and what clients send to clean up. */
import { isSymbol, isWord, type Token } from '../sql/sql-tokens.ts';

export type SessionCommand =
  | { readonly kind: 'begin' | 'commit' | 'rollback' | 'reset-all' }
  | { readonly kind: 'set'; readonly name: string; readonly values: readonly string[] }
  | { readonly kind: 'reset' | 'show'; readonly name: string }
  /** Accepted without effect. */
  | { readonly kind: 'nothing'; readonly tag: string };

/** Undefined if the statement is for the warehouse. */
export function sessionCommand(tokens: readonly Token[]): SessionCommand | undefined {
  const [first, second] = tokens;
  if (first?.kind !== 'word') return undefined;
  switch (first.text.toLowerCase()) {
    case 'begin':
      return { kind: 'begin' };
    case 'start':
      return isWord(second, 'transaction') ? { kind: 'begin' } : undefined;
    case 'commit':
    case 'end':
      return { kind: 'commit' };
    case 'rollback':
    case 'abort':
      // Redshift has no savepoints.
      return tokens.some((token) => isWord(token, 'to')) ? undefined : { kind: 'rollback' };
    case 'set':
      return set(tokens.slice(isWord(second, 'session', 'local') ? 2 : 1));
    case 'reset':
      return isWord(second, 'all')
        ? { kind: 'reset-all' }
        : { kind: 'reset', name: nameOf(tokens.slice(1)) };
    case 'show':
      return { kind: 'show', name: nameOf(tokens.slice(1)) };
    case 'discard':
      return { kind: 'nothing', tag: 'DISCARD ALL' };
    case 'deallocate':
      return { kind: 'nothing', tag: 'DEALLOCATE' };
    default:
      return undefined;
  }
}

function set(tokens: readonly Token[]): SessionCommand {
  const at = tokens.findIndex((token) => isWord(token, 'to') || isSymbol(token, '='));
  // E.g. SET TRANSACTION ISOLATION LEVEL, SET SESSION CHARACTERISTICS, SET NAMES.
  if (at === -1) return { kind: 'nothing', tag: 'SET' };
  const values = tokens.slice(at + 1).filter((token) => !isSymbol(token, ','));
  return { kind: 'set', name: nameOf(tokens.slice(0, at)), values: values.map(({ text }) => text) };
}

function nameOf(tokens: readonly Token[]): string {
  return tokens
    .map(({ text }) => text.toLowerCase())
    .join(' ')
    .replace(' . ', '.');
}

/** The tag of a command without a result, e.g. `INSERT 0 3` for three rows, or `CREATE TABLE`. */
export function commandTag(tokens: readonly Token[], rows: number): string {
  const words = tokens
    .filter((token) => token.kind === 'word')
    .map(({ text }) => text.toUpperCase());
  const [first = ''] = words;
  switch (first) {
    case 'WITH': {
      const verb = words.find((word) => ['INSERT', 'UPDATE', 'DELETE'].includes(word)) ?? 'INSERT';
      return `${verb}${verb === 'INSERT' ? ' 0' : ''} ${rows}`;
    }
    case 'INSERT':
      return `INSERT 0 ${rows}`;
    case 'UPDATE':
    case 'DELETE':
    case 'MERGE':
      return `${first} ${rows}`;
    case 'TRUNCATE':
      return 'TRUNCATE TABLE';
    case 'LOCK':
      return 'LOCK TABLE';
    case 'CREATE':
    case 'ALTER':
    case 'DROP': {
      const kind = words.find((word) => objects.includes(word)) ?? '';
      return `${first} ${kind}`.trim();
    }
    default:
      return first;
  }
}

const objects = ['SCHEMA', 'TABLE', 'VIEW', 'USER', 'GROUP', 'FUNCTION', 'PROCEDURE', 'DATABASE'];
