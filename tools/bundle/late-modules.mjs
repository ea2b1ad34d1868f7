// Lets a bundle load at its first use, or not at all, what few starts use (docs/adr/0059-a-leaner-start.md).
import { readFileSync } from 'node:fs';
import { sep } from 'node:path';

/** Node's own modules that take milliseconds to load. */
const slow = /^(node:)?(crypto|fs\/promises|net|os|stream\/promises|timers\/promises|zlib)$/;

/** The names that a module imports from one of Node's; undefined if it takes the module itself. */
function importedNames(text, path) {
  const imports = text.matchAll(new RegExp(`^import ([^;]*?) from ['"]${path}['"];$`, 'gm'));
  const names = [];
  for (const [, clause] of imports) {
    const list = /^\{([^}]*)\}$/.exec(clause)?.[1];
    if (list === undefined) return undefined;
    names.push(...list.split(',').map((name) => name.trim()));
  }
  return names
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => name.replace(/ as .*/, ''));
}

/** A class can be extended, and a function with more on it than its name can be asked for that. */
const isPlain = (value) =>
  typeof value === 'function' &&
  !/^[A-Z]/.test(value.name) &&
  Reflect.ownKeys(value).every((key) => ['length', 'name', 'prototype'].includes(key));

/** For esbuild: a module that imports only functions of a slow one loads it when it first calls one of them. */
export const lateBuiltins = {
  name: 'late-builtins',
  setup(build) {
    build.onResolve({ filter: slow }, async ({ path, importer, kind }) => {
      if (kind !== 'import-statement') return undefined;
      const names = importedNames(readFileSync(importer, 'utf8'), path);
      if (names === undefined || names.length === 0) return undefined;
      const whole = await import(path);
      if (!names.every((name) => isPlain(whole[name]))) return undefined;
      const pluginData = { path, names };
      return {
        path: `${path}: ${names.sort().join(', ')}`,
        namespace: 'late-builtins',
        pluginData,
        sideEffects: false,
      };
    });
    build.onLoad(
      { filter: /.*/, namespace: 'late-builtins' },
      ({ pluginData: { path, names } }) => ({
        contents: names
          .map(
            (name) => `export const ${name} = (...given) => require('${path}').${name}(...given);`,
          )
          .join('\n'),
      }),
    );
  },
};

/**
 * The client of AWS makes an agent for TLS even if its endpoint has none. It gets one that loads node:https, and with it
 * node:tls, for the first request.
 */
const lateHttps = `
class Agent {
  #options;
  #agent;
  constructor(options) { this.#options = options; }
  get whole() { return (this.#agent ??= new (require('node:https').Agent)(this.#options)); }
  get maxSockets() { return this.#options.maxSockets; }
  get sockets() { return this.#agent?.sockets; }
  get requests() { return this.#agent?.requests; }
  destroy() { this.#agent?.destroy(); }
}
const request = (options, answered) => {
  const { agent } = options;
  const whole = agent instanceof Agent ? agent.whole : agent;
  return require('node:https').request({ ...options, agent: whole }, answered);
};
export const node_https = { Agent, request };
`;

/** For esbuild. */
export const httpsOnDemand = {
  name: 'https-on-demand',
  setup(build) {
    build.onLoad({ filter: /node-http-handler[\\/]dist-es[\\/]node-https\.js$/ }, () => ({
      contents: lateHttps,
    }));
  },
};

/** What pino needs only to write by itself: a job gives it a stream. */
const unusedByPino = {
  'sonic-boom': 'module.exports = class SonicBoom {};',
  './transport': `module.exports = () => { throw new Error('there are no transports in a bundle'); };`,
  worker_threads: 'exports.isMainThread = true;',
};

/** For esbuild. Together they take 13 ms to load. */
export const pinoWithoutTransports = {
  name: 'pino-without-transports',
  setup(build) {
    build.onResolve(
      { filter: /^(sonic-boom|\.\/(lib\/)?transport|worker_threads)$/ },
      ({ path, resolveDir }) =>
        `${resolveDir}${sep}`.includes(`node_modules${sep}pino${sep}`)
          ? { path: path.replace('lib/', ''), namespace: 'unused-by-pino' }
          : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'unused-by-pino' }, ({ path }) => ({
      contents: unusedByPino[path],
    }));
  },
};
