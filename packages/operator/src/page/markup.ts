/**
 * Markup in which every text is escaped: only what `markup` made stays as it is. (A tag of the name `html` would
 * have its white space changed by the formatter.)
 */

/** Markup that is safe to put into a page. */
export class Html {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  static of(parts: readonly string[], values: readonly Value[]): Html {
    return new Html(parts.map((part, index) => part + show(values[index])).join(''));
  }

  /** For the content of `<style>`, where nothing may be escaped. */
  static stylesheet(css: string): Html {
    if (css.includes('<')) throw new Error('a stylesheet with < could end its element');
    return new Html(css);
  }
}

/** Undefined and false are nothing. */
export type Value = string | number | false | undefined | Html | readonly Html[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For the content of an element and for an attribute in quotes. A control character becomes a space. */
export const escape = (text: string): string =>
  text
    .replaceAll(/[^\P{Cc}\n]/gu, ' ')
    .replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');

const show = (value: Value): string => {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  return typeof value === 'object' ? value.map(({ text }) => text).join('') : escape(String(value));
};

/** A template whose values are escaped, unless they are markup themselves. */
export const markup = (parts: TemplateStringsArray, ...values: readonly Value[]): Html =>
  Html.of(parts, values);

export interface TableColumn {
  readonly title: string;
  /** Aligned to the right, in digits of equal width. */
  readonly number?: boolean;
}

/** The first column heads its rows. A wide table scrolls in its own box. */
export function table(
  caption: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly Value[])[],
  look = '',
): Html {
  const kind = ({ number = false }: TableColumn) => (number ? markup` class="n"` : undefined);
  const head = columns.map((column) => markup`<th scope="col"${kind(column)}>${column.title}</th>`);
  const cell = (column: TableColumn, value: Value, isFirst: boolean) =>
    isFirst
      ? markup`<th scope="row"${kind(column)}>${value}</th>`
      : markup`<td${kind(column)}>${value}</td>`;
  const body = rows.map(
    (row) =>
      markup`<tr>${columns.map((column, index) => cell(column, row[index], index === 0))}</tr>\n`,
  );
  return markup`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table class="list ${look}">
<caption class="sr">${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>${body}</tbody></table></div>
`;
}
