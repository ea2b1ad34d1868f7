// Leaves out of a bundle the commands of an AWS client that the program does not use. esbuild cannot: of a module that is
// loaded on demand it keeps everything, and a client makes a class for each of its commands when it is loaded.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const packages = join(import.meta.dirname, '../../node_modules');

/** The file of a client that has the export; undefined for what else it exports. */
function fileOf(name) {
  if (/^\w+Command$/.test(name)) return `./commands/${name}.js`;
  return /^\w+Client$/.test(name) ? `./${name}.js` : undefined;
}

/** The names that a file of the program imports from the client, without types. */
function importedNames(file, client) {
  const lists = readFileSync(file, 'utf8').matchAll(
    new RegExp(`^import \\{([^}]*)\\} from '${client}';$`, 'gm'),
  );
  const names = [...lists].flatMap(([, list]) => list.split(',').map((name) => name.trim()));
  return names.filter((name) => name !== '' && !name.startsWith('type '));
}

/** For esbuild. A file that imports anything else gets the whole client. */
export const usedCommands = {
  name: 'used-commands',
  setup(build) {
    build.onResolve({ filter: /^@aws-sdk\/client-[a-z0-9-]+$/ }, ({ path, importer, kind }) => {
      if (kind !== 'import-statement' || importer.startsWith(packages)) return undefined;
      const names = importedNames(importer, path);
      if (names.length === 0 || names.some((name) => fileOf(name) === undefined)) return undefined;
      const pluginData = { client: path, names };
      return {
        path: `${path}: ${names.join(', ')}`,
        namespace: 'used-commands',
        pluginData,
        sideEffects: false,
      };
    });
    build.onLoad(
      { filter: /.*/, namespace: 'used-commands' },
      ({ pluginData: { client, names } }) => ({
        resolveDir: join(packages, client, 'dist-es'),
        contents: names.map((name) => `export { ${name} } from '${fileOf(name)}';`).join('\n'),
      }),
    );
  },
};
