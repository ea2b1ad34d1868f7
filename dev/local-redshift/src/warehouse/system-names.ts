/** The names of Redshift's system tables and views, and of the schemas that hold them (c_intro_system_tables). */
import type { Token } from '../sql/sql-tokens.ts';

const systemName = /^(?:pg|stl|stv|svl|svv|svcs|sys)_|^information_schema$/i;

/** Whether the token may name one of them; tables of users may have such a name too. */
export function isSystemName(token: Token | undefined): token is Token {
  return (token?.kind === 'word' || token?.kind === 'quoted') && systemName.test(token.text);
}
