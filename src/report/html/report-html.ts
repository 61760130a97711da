/**
 * `gotape analyze --html`: one file that needs nothing else. Script and style are inlined; the content security policy
 * allows that script alone, by its hash, and no request at all.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { UserError } from '../../base/errors.js';
import type { ReportData } from './report-data.js';

/** Made by `npm run build:page`; seen from src/report/html as well as from dist/report/html. */
const pageFolder = new URL('../../../dist/page/', import.meta.url);

/** The page, complete. @throws UserError when gotape was not built */
export function reportHtml(data: ReportData): string {
  const script = readPart('page.js');
  const style = readPart('page.css');
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data: blob:`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    '<link rel="icon" href="data:,">',
    '<title>gotape report</title>',
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<noscript>This report draws itself with JavaScript; without it, use gotape analyze FILE.</noscript>',
    `<script type="application/json" id="data">${inertJson(data)}</script>`,
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** JSON in which nothing ends the element that holds it, nor begins a comment. */
function inertJson(value: unknown): string {
  const escaped: Readonly<Record<string, string>> = {
    '<': '\\u003c',
    '>': '\\u003e',
    '&': '\\u0026',
    '\u2028': '\\u2028',
    '\u2029': '\\u2029',
  };
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => escaped[character] ?? '');
}

function readPart(name: string): string {
  try {
    return readFileSync(new URL(name, pageFolder), 'utf8');
  } catch (error) {
    throw new UserError(`the report's page is missing (${name}); build gotape with npm run build`, { cause: error });
  }
}
