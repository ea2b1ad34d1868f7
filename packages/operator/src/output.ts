/** What a command prints: a text for people, or a JSON document for programs. */

export interface Output {
  /** The text; `width` is the terminal's columns, undefined where stdout is not a terminal. */
  readonly text: (width: number | undefined) => string;
  /** The document of `--json`; docs/operating.md describes the fields. */
  readonly json: () => unknown;
}

/** The one place that decides between text and JSON. A plain text has no document. */
export function render(
  output: Output | string,
  { json, width }: { readonly json: boolean; readonly width: number | undefined },
): string {
  if (typeof output === 'string') return output;
  return json ? JSON.stringify(output.json(), undefined, 2) : output.text(width);
}

/** For commands that print a document; yargs refuses it for the others. */
export const jsonOption = {
  json: { type: 'boolean', default: false, describe: 'print one JSON document' },
} as const;
