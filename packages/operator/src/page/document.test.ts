import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { document } from './document.ts';
import { escape, Html, markup, table } from './markup.ts';

const hostile = `<script>alert("1")</script>'&\u0000`;

describe('markup', () => {
  it('escapes every text, in elements and in attributes', () => {
    expect(markup`<p title="${hostile}">${hostile}</p>`.text).toBe(
      `<p title="${escape(hostile)}">${escape(hostile)}</p>`,
    );
    expect(escape(hostile)).toBe('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp; ');
  });

  it('keeps markup, joins lists of it, and leaves out what is not there', () => {
    const items = ['a', 'b<'].map((item) => markup`<li>${item}</li>`);
    const list = markup`<ul>${items}${undefined}${false}</ul>${0}`;
    expect(list.text).toBe('<ul><li>a</li><li>b&lt;</li></ul>0');
  });

  it('has tables whose cells are escaped', () => {
    const columns = [{ title: 'day' }, { title: 'rows <1', number: true }];
    const { text } = table('Rows & days', columns, [[hostile, 5]]);
    expect(text).not.toContain('<script');
    expect(text).toContain('<caption class="sr">Rows &amp; days</caption>');
    expect(text).toContain('<td class="n">5</td>');
  });

  it('refuses a stylesheet that could end its element', () => {
    expect(() => Html.stylesheet('</style><script>')).toThrow('could end its element');
  });
});

describe('the document', () => {
  const page = document({ title: hostile, body: markup`<main>${hostile}</main>` });

  it('is complete, without script, and allows nothing but its own style', () => {
    expect(page).not.toContain('<script');
    const [, style = ''] = /<style>(.*)<\/style>/s.exec(page) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(style).toContain('prefers-color-scheme: dark');
    expect(page).toContain(`default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;`);
    expect(page).toContain(`<title>${escape(hostile)}</title>`);
  });

  it('is read again only if it says so', () => {
    expect(page).not.toContain('http-equiv="refresh"');
    const live = document({ title: 'live', body: markup``, refreshSeconds: 2 });
    expect(live).toContain('<meta http-equiv="refresh" content="2">');
  });
});
