// Nx hands the variables of .env.local to every task. A test must not reach the local cloud of a demo, so a configuration
// of vitest imports this first.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { parseEnv } from 'node:util';

const file = join(import.meta.dirname, '../../.env.local');
if (existsSync(file)) {
  for (const [name, value] of Object.entries(parseEnv(readFileSync(file, 'utf8')))) {
    if (env[name] === value) delete env[name];
  }
}
