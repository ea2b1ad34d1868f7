/**
 * The documents of the repository as a site: `npm run docs` writes it to docs/site/dist/site. Drawings become SVG here, so
 * no page needs a script for them. A link to code or to a folder leads to a copy of it as plain text.
 */
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';
import { renderMermaidSVG } from 'beautiful-mermaid';
import { defineConfig } from 'vitepress';

const root = resolve(import.meta.dirname, '../../..');
const made = join(root, 'docs/site/dist');
/** Pages are copied, because Vite finds what they import only if they lie below its packages. */
const pages = join(made, 'pages');
const site = join(made, 'site');
/** Where the copies of code are in the site. */
const copies = 'code';

const ignored = new Set([
  '.git',
  '.local',
  '.nx',
  'dist',
  'node_modules',
  'out-tsc',
  'CHANGELOG.md',
]);

function copyPages() {
  rmSync(pages, { recursive: true, force: true });
  const exclude = (path) => ignored.has(posix.basename(path));
  for (const path of globSync(['**/*.md', 'docs/**/*.{png,svg}'], { cwd: root, exclude })) {
    mkdirSync(dirname(join(pages, path)), { recursive: true });
    copyFileSync(join(root, path), join(pages, path));
  }
}

copyPages();

const linked = new Set();

/** Writes each linked file, or the names in each linked folder, into the site. */
function copyCode() {
  for (const path of linked) {
    const from = join(root, path);
    const to = join(site, copies, `${path}.txt`);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(
      to,
      statSync(from).isFile() ? readFileSync(from) : `${readdirSync(from).join('\n')}\n`,
    );
  }
}

/** Of a link whose text is a name in the file: lets the browser scroll to it. `-` has a meaning there, `'` ends attributes. */
const placeOf = ({ type, content }, path) =>
  type === 'code_inline' && !`/${path}`.endsWith(`/${content}`)
    ? `#:~:text=${encodeURIComponent(content).replaceAll('-', '%2D').replaceAll("'", '%27')}`
    : '';

/** Leads links to code and folders to what the site has of them. */
function leadToCopies(md) {
  const plain = (tokens, at, options, _, self) => self.renderToken(tokens, at, options);
  const render = md.renderer.rules.link_open ?? plain;
  md.renderer.rules.link_open = (tokens, at, options, env, self) => {
    const [link, section] = decodeURI(tokens[at].attrGet('href') ?? '').split('#');
    if (link !== '' && !/^([a-z]+:|\/)|\.md$/.test(link)) {
      const path = posix.join(posix.dirname(env.relativePath), link).replace(/\/$/, '');
      const isPage = existsSync(join(root, path, 'README.md'));
      if (!isPage) linked.add(path);
      const target = isPage ? `${path}/README.md` : `${copies}/${path}.txt`;
      const place = section === undefined ? '' : `#${section}`;
      tokens[at].attrSet('href', `/${target}${isPage ? place : placeOf(tokens[at + 1], path)}`);
      if (!isPage) tokens[at].attrSet('target', '_self');
    }
    return render(tokens, at, options, env, self);
  };
}

/** As GitHub makes them, so that links lead to the same place in both. */
const anchorOf = (title) =>
  title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/** Keeps Vue from evaluating code such as `{{ ds }}`. */
function keepBraces(md) {
  const render = md.renderer.rules.code_inline;
  md.renderer.rules.code_inline = (tokens, at, ...rest) => {
    tokens[at].attrSet('v-pre', '');
    return render(tokens, at, ...rest);
  };
}

/** VitePress's variables, which follow the reader's scheme, light or dark. */
const colours = {
  bg: 'var(--vp-c-bg)',
  fg: 'var(--vp-c-text-1)',
  line: 'var(--vp-c-text-2)',
  accent: 'var(--vp-c-brand-1)',
  muted: 'var(--vp-c-text-2)',
  surface: 'var(--vp-c-bg-soft)',
  border: 'var(--vp-c-border)',
  transparent: true,
};

/** @throws for a drawing that cannot be drawn, so the site is not built. */
function drawMermaid(md) {
  const render = md.renderer.rules.fence;
  md.renderer.rules.fence = (tokens, at, ...rest) => {
    if (tokens[at].info.trim() !== 'mermaid') return render(tokens, at, ...rest);
    const svg = renderMermaidSVG(tokens[at].content, colours);
    // As a value, because Vue loses parts of an SVG that it compiles as static.
    return `<div class="drawing" v-html="${md.utils.escapeHtml(JSON.stringify(svg))}"></div>`;
  };
}

/** The chapters, in the order of the lesson's index. */
const chapters = [
  ...readFileSync(join(root, 'docs/lesson/README.md'), 'utf8').matchAll(
    /^\| \[([^\]]+)\]\(([\w-]+)\.md\)/gm,
  ),
].map(([, text, page]) => ({ text, link: `/docs/lesson/${page}` }));

export default defineConfig({
  title: 'User behaviour pipeline',
  description: 'A batch pipeline that runs on one machine, and the lesson about it',
  srcDir: pages,
  outDir: site,
  cacheDir: join(made, 'cache'),
  // The README of a folder is its page.
  rewrites: (path) => path.replace(/(^|\/)README\.md$/, '$1index.md'),
  markdown: {
    anchor: { slugify: anchorOf },
    languageAlias: { crontab: 'sh' },
    config: (md) => {
      leadToCopies(md);
      keepBraces(md);
      drawMermaid(md);
    },
  },
  buildEnd: copyCode,
  // Otherwise it reads the repository's tsconfig.json.
  vite: { esbuild: { tsconfigRaw: {} } },
  themeConfig: {
    search: { provider: 'local' },
    outline: 'deep',
    sidebar: {
      '/docs/lesson/': [
        { text: 'The lesson', link: '/docs/lesson/' },
        ...chapters,
        { text: 'Labs', link: '/docs/lesson/labs' },
        { text: 'Exercises', link: '/docs/lesson/exercises' },
        { text: 'Glossary', link: '/docs/lesson/glossary' },
        { text: 'Interview questions', link: '/docs/lesson/interview' },
      ],
    },
    nav: [
      { text: 'Lesson', link: '/docs/lesson/' },
      { text: 'Operating', link: '/docs/operating' },
      { text: 'Architecture', link: '/ARCHITECTURE' },
    ],
  },
});
