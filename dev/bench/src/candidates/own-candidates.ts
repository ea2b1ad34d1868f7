/** The baseline, PostgreSQL alone, and our job. */
import { type Candidate, shell, type Task } from './candidate.ts';
import { jobCommand } from '../jobs.ts';
import { copyStatement } from '../servers/source-database.ts';

const psql = 'psql "$SOURCE_DATABASE_URL" --no-psqlrc --quiet';

const withStatements = ({ env, query }: Task) => ({
  ...env,
  QUERY: query,
  COPY: copyStatement(query),
});

/** The baseline of all ratios. */
export const psqlToNull: Candidate = {
  name: 'psql > /dev/null',
  kind: 'floor',
  command: (task) => shell(`exec ${psql} --command "$COPY" >/dev/null`, withStatements(task)),
};

/** The lower bound for two connections: each copies half of the table, in one exported snapshot. */
export const twoPsqlToNull: Candidate = {
  name: 'two psql on halves > /dev/null',
  kind: 'floor',
  command: (task) =>
    shell(
      `coproc holder { ${psql} --no-align --tuples-only; }
      pid=$holder_PID
      echo 'begin isolation level repeatable read; select pg_export_snapshot();' >&"\${holder[1]}"
      read -r snapshot <&"\${holder[0]}"
      echo "select pg_relation_size('retail.user_purchase') / 8192 / 2;" >&"\${holder[1]}"
      read -r half <&"\${holder[0]}"
      part() {
        ${psql} --command 'begin isolation level repeatable read' \\
          --command "set transaction snapshot '$snapshot'" \\
          --command 'set synchronize_seqscans = off' \\
          --command "copy ($QUERY and ctid $1 '($half,0)'::tid) to stdout (format csv, header)" >/dev/null
      }
      part '<' & first=$!
      part '>=' & second=$!
      wait $first
      wait $second
      echo '\\q' >&"\${holder[1]}"
      wait $pid`,
      withStatements(task),
    ),
};

/** `connections` is undefined if the job always uses one. */
export function extractPurchases(
  connections?: Readonly<{ variable: string; count: number }>,
): Candidate {
  const count = connections?.count ?? 1;
  return {
    name: `extract-purchases, ${String(count)} connection${count === 1 ? '' : 's'}`,
    kind: 'ours',
    isStable: true,
    isOutput: ({ key }) => key.startsWith('user_purchase/stage/') && key.endsWith('.csv'),
    command: ({ env, ds }) =>
      jobCommand('extract-purchases', [`--ds=${ds}`, '--log-format=json'], {
        ...env,
        ...(connections === undefined ? {} : { [connections.variable]: String(count) }),
      }),
  };
}

export const piped = (
  name: string,
  sink: string,
  more: (task: Task) => Readonly<Record<string, string>>,
): Candidate => ({
  name,
  kind: 'peer',
  isStable: true,
  isOutput: () => true,
  command: (task) =>
    shell(`${psql} --command "$COPY" | ${sink}`, { ...withStatements(task), ...more(task) }),
});
