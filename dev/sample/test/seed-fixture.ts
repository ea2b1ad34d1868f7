/** Runs `seed` as a command, with a separate state folder and settings file. */
import { execFile, type ChildProcess } from 'node:child_process';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';

export interface Ended {
  /** The exit code, or the signal that ended it. */
  readonly end: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SeedFixture extends AsyncDisposable {
  readonly folder: string;
  readonly state: string;
  readonly start: (...given: string[]) => { readonly process: ChildProcess; ended: Promise<Ended> };
  readonly seed: (...given: string[]) => Promise<Ended>;
  /** Writes a file into the folder and returns its name there. */
  readonly file: (name: string, content: string | Uint8Array) => Promise<string>;
  readonly settings: () => Promise<NodeJS.Dict<string>>;
}

export const header =
  'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
/** A purchases file with one line. */
export const onePurchase = `${header}\n1,A,"TRAY, ""L""",3,12/1/2010 8:26,1.5,,France\n`;

/** What it sets. */
export const oneDay = { HISTORY_START: '2010-12-01', HISTORY_END: '2010-12-01' };
export const oneReview = 'cid,review_str\n1,fine\n';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** Relative paths start at the fixture's folder. */
export async function openSeedFixture(databaseUrl: string): Promise<SeedFixture> {
  const temporary = await mkdtempDisposable(join(tmpdir(), 'seed-'));
  const folder = temporary.path;
  const state = join(folder, 'state');
  const settings = join(folder, '.env.local');
  const start: SeedFixture['start'] = (...given) => {
    const fixed = [main, '--cwd', folder, '--state', state, '--settings', settings];
    const env = { PATH: process.env['PATH'], SOURCE_DATABASE_URL: databaseUrl };
    const { promise, resolve } = Promise.withResolvers<Ended>();
    const child = execFile(process.execPath, [...fixed, ...given], { env }, (_, stdout, stderr) => {
      resolve({ end: child.signalCode ?? child.exitCode, stdout, stderr });
    });
    return { process: child, ended: promise };
  };
  return {
    folder,
    state,
    start,
    seed: (...given) => start(...given).ended,
    file: async (name, content) => {
      await writeFile(join(folder, name), content);
      return name;
    },
    settings: async () => parseEnv(await readFile(settings, 'utf8').catch(() => '')),
    [Symbol.asyncDispose]: () => temporary.remove(),
  };
}
