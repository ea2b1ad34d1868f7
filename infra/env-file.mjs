/**
 * Reads the variables of ENV_FILE before a program starts: `node --import=./infra/env-file.mjs …`, from the root.
 *
 * Without ENV_FILE, that is .env.local, if it is there. `ENV_FILE=` names none: only the shell's variables count.
 * The shell's variables win, with one exception: a file that names an endpoint on this machine is that of a local
 * cloud, and then no AWS setting of the shell or the home folder reaches a program. The other way round, nothing of
 * .env.local reaches a program that gets another file or none, although Nx has already read it.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';

const local = '.env.local';

/** @returns {Record<string, string> | undefined} Undefined if there is no such file. */
function read(path) {
  try {
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether an endpoint is on this machine. */
const isLocal = (variables) =>
  Object.entries(variables).some(
    ([name, value]) =>
      name.startsWith('AWS_ENDPOINT_URL') &&
      ['127.0.0.1', 'localhost', '[::1]'].includes(URL.parse(value)?.hostname ?? ''),
  );

const { env } = process;
const named = env.ENV_FILE;
if (named !== undefined) {
  for (const [name, value] of Object.entries(read(local) ?? {})) {
    if (env[name] === value) delete env[name];
  }
}
const path = named === undefined ? local : resolve(env.INVOKED_FROM ?? '.', named);
let variables;
try {
  variables = named === '' ? {} : read(path);
  if (variables === undefined && named !== undefined) throw new Error(`there is no file ${path}`);
} catch (error) {
  process.stderr.write(`${named === undefined ? path : `ENV_FILE=${named}`}: ${error.message}\n`);
  process.exit(78);
}
if (variables !== undefined) {
  if (isLocal(variables)) {
    for (const name of Object.keys(env)) if (name.startsWith('AWS_')) delete env[name];
    // Files of the home folder.
    env.AWS_CONFIG_FILE = '/dev/null';
    env.AWS_SHARED_CREDENTIALS_FILE = '/dev/null';
  }
  for (const [name, value] of Object.entries(variables)) env[name] ??= value;
}
// make's programs tell it themselves.
if (env.NX_TASK_TARGET_PROJECT !== undefined) {
  const account = ['AWS_PROFILE', 'AWS_REGION'].map((name) => `${name}=${env[name] ?? ''}`);
  process.stderr.write(`${isLocal(env) ? `local cloud (${path})` : account.join(' ')}\n`);
}
