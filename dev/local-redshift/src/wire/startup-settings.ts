/** The settings that a client asks for when it connects: parameters of the start-up packet, and its `options`. */
import { SessionError, states } from './sqlstate.ts';

export interface Setting {
  readonly name: string;
  readonly values: readonly string[];
}

/**
 * The settings in order, those of `options` (libpq's PGOPTIONS) last. @throws SessionError for an option that is not
 * `-c name=value` or `--name=value`.
 */
export function startupSettings(parameters: ReadonlyMap<string, string>): Setting[] {
  const direct = [...parameters].filter(
    // `_pq_.` begins the name of an extension of the protocol.
    ([name]) => !['user', 'database', 'options'].includes(name) && !name.startsWith('_pq_.'),
  );
  const all = [...direct, ...readOptions(parameters.get('options') ?? '')];
  return all.map(([name, value]) => setting(name.toLowerCase(), value));
}

function setting(name: string, value: string): Setting {
  if (name !== 'search_path') return { name, values: [value] };
  const schemas = value.split(',').map((schema) => schema.trim().replace(/^"(.*)"$/, '$1'));
  return { name, values: schemas };
}

function readOptions(text: string): (readonly [name: string, value: string])[] {
  // White space separates, and a backslash keeps the next character.
  const words = [...text.matchAll(/(?:\\[^]|[^\s\\])+/g)].map(([word]) =>
    word.replaceAll(/\\([^])/g, '$1'),
  );
  const found: (readonly [string, string])[] = [];
  for (let at = 0; at < words.length; at += 1) {
    let word = words[at] ?? '';
    if (word === '-c') {
      at += 1;
      word += words[at] ?? '';
    }
    const [, name, value] = /^(?:-c|--)([^=]+)=([^]*)$/.exec(word) ?? [];
    if (name === undefined || value === undefined) {
      throw new SessionError(
        states.syntax,
        `invalid command-line argument for server process: ${word}`,
      );
    }
    // A dash stands for an underscore.
    found.push([name.replaceAll('-', '_'), value]);
  }
  return found;
}
