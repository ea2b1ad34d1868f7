/**
 * The command line of the benchmark. `run` measures what BENCH names, keeps its figures in
 * docs/benchmarks and writes the documents; `report` only writes them again, and names sections that measured an earlier version. Exit codes: 0 done, 1 failed, 64 invalid settings.
 */
import { workspace } from './paths.ts';
import { writeDocuments } from './published/documents.ts';
import { outdated } from './published/measured-versions.ts';
import { readStore } from './published/section-figures.ts';
import { runSections } from './run-sections.ts';
import { parseSettings, type Settings } from './settings.ts';

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stop.abort(new Error(`stopped by ${signal}`));
  });
}
const log = (line: string) => process.stderr.write(`bench: ${line}\n`);

function settingsOrExit(): Settings {
  try {
    return parseSettings(process.env);
  } catch (error) {
    log(error instanceof Error ? error.message : String(error));
    process.exit(64);
  }
}

const inherited = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'JAVA_HOME'];

async function run(): Promise<void> {
  const settings = settingsOrExit();
  const base = Object.fromEntries(
    inherited.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  await runSections({
    settings,
    base,
    signal: stop.signal,
    log,
    files: {
      purchases: process.env['PURCHASES'] ?? '',
      reviews: process.env['REVIEWS'] ?? '',
      cwd: process.env['INVOKED_FROM'] ?? process.cwd(),
    },
  });
}

async function report(): Promise<void> {
  const store = await readStore(workspace);
  await writeDocuments(workspace, store);
  log(
    'docs/benchmarks.md, its plots and the documents that quote it have the figures of docs/benchmarks/*.json',
  );
  for (const figures of store.values()) for (const line of await outdated(figures)) log(line);
}

try {
  const [command = 'run'] = process.argv.slice(2);
  if (command !== 'run' && command !== 'report') {
    log(`unknown command ${command}: expected run or report`);
    process.exitCode = 64;
  } else await (command === 'run' ? run() : report());
} catch (error) {
  const { signal } = stop;
  if (signal.aborted)
    log(`${String(signal.reason)}; the same command without FORCE resumes the run`);
  else log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
}
