#!/usr/bin/env node
// Starts the program in main.mjs, which an older Node could not even read.
if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR) {
  process.stderr.write(
    `PROGRAM_NAME needs Node.js NODE_MAJOR or newer, and this is ${process.version}\n`,
  );
  process.exit(78);
}
await import('./main.mjs');
