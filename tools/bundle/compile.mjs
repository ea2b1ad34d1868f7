// Keeps the machine code of main.cjs beside it, for the Node that runs this: docs/adr/0016-start-up.md.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
const filename = `${import.meta.dirname}/main.cjs`;
const kept = `${import.meta.dirname}/main.CONTENT_HASH.cache`;
// All functions at once, instead of each when it is first called; V8 takes the code only under the flags it was made with.
setFlagsFromString('--no-lazy');
const script = new Script(
  `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'utf8')}\n})`,
  { filename },
);
setFlagsFromString('--lazy');
writeFileSync(`${kept}.new`, script.createCachedData());
renameSync(`${kept}.new`, kept);
