/** The frame of a page: one file without script, image or request. The same content gives the same bytes. */
import { createHash } from 'node:crypto';
import { asset } from '@user-behaviour/shared/asset';
import { Html, markup } from './markup.ts';

/** Without comments and indentation. */
const stylesheet = asset('packages/operator/src/page/style.css')
  .replaceAll(/\/\*.*?\*\//gs, '')
  .replaceAll(/\s*\n\s*/g, '\n')
  .trim();

const hash = createHash('sha256').update(stylesheet).digest('base64');

/** The browser applies this one stylesheet; it refuses any script and any attribute `style`. */
export const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;

interface Document {
  readonly title: string;
  readonly body: Html;
  /** For a server's page: the browser asks for it again after so many seconds. */
  readonly refreshSeconds?: number;
}

export function document({ title, body, refreshSeconds }: Document): string {
  const refresh =
    refreshSeconds !== undefined &&
    markup`\n<meta http-equiv="refresh" content="${refreshSeconds}">`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">${refresh}
<title>${title}</title>
<style>${Html.stylesheet(stylesheet)}</style>
</head>
<body>
${body}
</body>
</html>
`.text;
}
