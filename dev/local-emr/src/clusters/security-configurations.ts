/** The security configurations, in memory and in one file. They have no effect here, but a cluster can only name one that exists. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '@user-behaviour/local-cloud/atomic-file';
import * as z from 'zod';

const securityConfiguration = z.object({
  name: z.string(),
  /** JSON, as it was given. */
  content: z.string(),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
});
type SecurityConfiguration = Readonly<z.output<typeof securityConfiguration>>;

export class SecurityConfigurations {
  readonly #file: string;
  readonly #known: Map<string, SecurityConfiguration>;

  /** @throws an error that names the file if it does not contain security configurations. */
  constructor(stateDir: string) {
    mkdirSync(stateDir, { recursive: true });
    this.#file = join(stateDir, 'security-configurations.json');
    this.#known = new Map(read(this.#file).map((one) => [one.name, one]));
  }

  get(name: string): SecurityConfiguration | undefined {
    return this.#known.get(name);
  }

  byName(): SecurityConfiguration[] {
    return [...this.#known.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'));
  }

  /** Replaces one of the same name. */
  save(one: SecurityConfiguration): void {
    this.#known.set(one.name, one);
    this.#write();
  }

  remove(name: string): void {
    this.#known.delete(name);
    this.#write();
  }

  #write(): void {
    writeAtomically(this.#file, JSON.stringify([...this.#known.values()]));
  }
}

function read(file: string): SecurityConfiguration[] {
  if (!existsSync(file)) return [];
  try {
    return z.array(securityConfiguration).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(
      `${file} does not contain security configurations; move it away to start without them`,
      { cause: error },
    );
  }
}
