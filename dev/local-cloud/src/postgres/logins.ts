/** The roles of the source database, and their passwords. */
import { complete } from './single-user.ts';
import type { Command } from './unprivileged.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
}

export interface Logins {
  /** May run programs as the user of the server: it is for tests, and for this package. */
  readonly superuser: Login;
  /** Owns the database and what is in it, and nothing else: it is in `.env.local`. */
  readonly owner: Login;
}

export const loginsOf = (passwords: {
  readonly postgresPassword: string;
  readonly ownerPassword: string;
}): Logins => ({
  superuser: { user: 'postgres', password: passwords.postgresPassword },
  owner: { user: 'shop', password: passwords.ownerPassword },
});

/**
 * Gives the roles their passwords, and makes the ordinary one, with all that the superuser has in the database: an
 * older release had no other role. Needs a stopped server, so that no password crosses the network; may be repeated.
 */
export async function setLogins(
  command: (args: readonly string[]) => Command,
  dataDir: string,
  database: string,
  logins: Logins,
): Promise<void> {
  const settings = {
    exit_on_error: 'on',
    // Otherwise the owner of the database could put operators in front of those that the superuser means.
    search_path: 'pg_catalog, pg_temp',
    // The statements contain the passwords.
    log_min_error_statement: 'panic',
    log_statement: 'none',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const single = command(['--single', '-j', '-D', dataDir, ...options, database]);
  // With -j, an empty line ends a statement.
  await complete(single, `${statements(database, logins).join(';\n\n')};\n\n`);
}

const statements = (database: string, { superuser, owner }: Logins): readonly string[] => [
  `do $$ begin
     if not exists (select from pg_roles where rolname = '${owner.user}') then
       create role ${owner.user};
     end if;
   end $$`,
  `alter role ${owner.user} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls
     password '${owner.password}'`,
  `alter role ${superuser.user} password '${superuser.password}'`,
  `alter database ${database} owner to ${owner.user}`,
  `do $$
   declare
     statement text;
   begin
     for statement in ${ofSuperuser(`'r', 'p', 'v', 'm', 'f'`, owner.user)} loop
       execute statement;
     end loop;
     -- Most sequences have followed their tables.
     for statement in ${ofSuperuser(`'S'`, owner.user)} loop
       execute statement;
     end loop;
   end $$`,
];

/** A query of the statements that give away what is the first superuser's (its number is 10), but no system object. */
const ofSuperuser = (kinds: string, owner: string): string => `
  select format('alter %s %s owner to ${owner}', kind, name)
  from (
    select 'pg_namespace'::regclass, oid, oid, nspowner, 'schema', quote_ident(nspname)
    from pg_namespace
    union all
    select 'pg_class'::regclass, oid, relnamespace, relowner, 'table', oid::regclass::text
    from pg_class where relkind in (${kinds})
    union all
    select 'pg_proc'::regclass, oid, pronamespace, proowner, 'routine', oid::regprocedure::text
    from pg_proc
    union all
    select 'pg_type'::regclass, oid, typnamespace, typowner, 'type', oid::regtype::text
    from pg_type
    where typtype in ('d', 'e', 'r')
      or typrelid in (select oid from pg_class where relkind = 'c')
  ) as object (class, number, namespace, owner, kind, name)
  where owner = 10
    and namespace in (
      select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
    )
    and not exists (
      select from pg_depend where classid = class and objid = number and deptype = 'e'
    )`;
