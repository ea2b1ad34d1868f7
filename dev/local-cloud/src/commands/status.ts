/** Renders the state of the local cloud for people. */
import { liveStatus } from './up.ts';
import { readStatus } from '../supervisor/status-file.ts';

export interface StatusReport {
  readonly isUp: boolean;
  readonly text: string;
}

export function report(stateDir: string): StatusReport {
  const live = liveStatus(stateDir);
  if (live === undefined) {
    const last = readStatus(stateDir);
    const why = last?.state === 'failed' ? `: ${last.message ?? 'it failed'}` : '';
    const killed =
      last?.state === 'ready' || last?.state === 'starting' ? ': its supervisor was killed' : '';
    return { isUp: false, text: `the local cloud is not up${why}${killed}\n` };
  }
  const rows = [
    ['service', 'state', 'port', 'process', 'restarts', 'log'],
    ...live.services.map(({ name, state, port, pid, restarts, log }) => [
      name,
      state,
      String(port),
      String(pid ?? '-'),
      String(restarts),
      log,
    ]),
  ];
  const head = `the local cloud is ${live.state} since ${live.since} (process ${live.supervisor.pid})`;
  const isUp = live.state === 'ready' && live.services.every(({ state }) => state === 'ready');
  return { isUp, text: `${[head, ...aligned(rows)].join('\n')}\n` };
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number) => Math.max(...rows.map((row) => (row[column] ?? '').length));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(width(at)))
      .join('  ')
      .trimEnd(),
  );
}
