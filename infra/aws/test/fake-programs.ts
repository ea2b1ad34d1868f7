/** Replacements for git, docker and npx, which write down how they were called. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export class FakePrograms {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder);
    const recorder = `#!/bin/sh\necho "$(basename "$0") $*" >>"${folder}/calls"\ncat >/dev/null\n`;
    const git = `#!/bin/sh\nif [ "$1" = rev-parse ]; then cat "${folder}/commit"; else cat "${folder}/changed"; fi\n`;
    for (const [name, text] of Object.entries({ docker: recorder, npx: recorder, git })) {
      writeFileSync(join(folder, name), text);
      chmodSync(join(folder, name), 0o755);
    }
    this.forget();
    this.checkOut('aaaa');
  }

  checkOut(commit: string, changed = ''): void {
    writeFileSync(join(this.#folder, 'commit'), `${commit}\n`);
    writeFileSync(join(this.#folder, 'changed'), changed);
  }

  forget(): void {
    writeFileSync(join(this.#folder, 'calls'), '');
  }

  get calls(): readonly string[] {
    return readFileSync(join(this.#folder, 'calls'), 'utf8').split('\n').filter(Boolean);
  }

  /** PATH with these first. */
  path(path = ''): string {
    return `${this.#folder}:${path}`;
  }
}
