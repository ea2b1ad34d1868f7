// Starts the job in main.cjs, with the machine code that compile.mjs has kept of it, if it has.
// Written so that a Node as old as 16 can read it and say what is wrong.
if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR) {
  process.stderr.write(
    `JOB_NAME needs Node.js NODE_MAJOR or newer, and this is ${process.version}: start it with a newer one\n`,
  );
  process.exit(78);
}
// A signal is kept for the job's own listener: without one, process 1 of a container would lose it.
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => {});
const { readFileSync } = process.getBuiltinModule('node:fs');
const { createRequire } = process.getBuiltinModule('node:module');
const { Script } = process.getBuiltinModule('node:vm');
const folder = import.meta.dirname;
const filename = `${folder}/main.cjs`;
const kept = `${folder}/main.CONTENT_HASH.cache`;
/** V8 refuses what another release of it, or another processor, has made, and compiles again. */
function keptCode() {
  try {
    return { cachedData: readFileSync(kept) };
  } catch {
    return {};
  }
}
const script = new Script(
  `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'utf8')}\n})`,
  {
    filename,
    ...keptCode(),
  },
);
const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(filename), module, filename, folder);
