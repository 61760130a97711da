/**
 * One trace for a viewer in a browser, by HTTP on the loopback address. Perfetto's page may fetch from 127.0.0.1:9001 and
 * nothing else (its content security policy names that port); the trace is private, so its path cannot be guessed.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream, realpathSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { basename, extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { errorText, systemErrorCode, UserError } from '../base/errors.js';

export const VIEWER_ORIGIN = 'https://ui.perfetto.dev';
const HOST = '127.0.0.1';
const PORT = 9001;
const ORIGIN = `http://${HOST}:${PORT}`;
/** A viewer of our own loads parts of itself after the trace: it is served until nothing was asked for so long. */
const IDLE_MS = 30_000;

const MIME_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

export class OpenServer {
  readonly link: string;
  /** Resolves with true when the viewer has the trace, with false after {@link stop}. */
  readonly done: Promise<boolean>;
  readonly #server: Server;
  readonly #trace: string;
  readonly #path: string;
  readonly #ui: string | undefined;
  #finish: (isFetched: boolean) => void = () => {};
  #idle: NodeJS.Timeout | undefined;
  #isFetched = false;

  private constructor(trace: string, ui: string | undefined) {
    this.#trace = trace;
    this.#ui = ui === undefined ? undefined : realpathSync(ui);
    this.#path = `/${randomBytes(16).toString('hex')}/${encodeURIComponent(basename(trace))}`;
    this.link = `${ui === undefined ? VIEWER_ORIGIN : ORIGIN}/#!/?url=${encodeURIComponent(ORIGIN + this.#path)}`;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** @param ui folder with a viewer's `index.html`, served beside the trace @throws UserError */
  static async start(trace: string, ui: string | undefined): Promise<OpenServer> {
    const server = new OpenServer(trace, ui);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject).listen({ host: HOST, port: PORT, exclusive: true }, resolve);
    }).catch((error: unknown) => {
      throw listenFailure(error);
    });
    return server;
  }

  stop(): void {
    clearTimeout(this.#idle);
    this.#server.close();
    this.#server.closeAllConnections();
    this.#finish(this.#isFetched);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', ORIGIN);
    // A page on another name for this address must not pass for ours.
    if (request.headers.host !== `${HOST}:${PORT}`) return void response.writeHead(403).end();
    if (pathname === this.#path) await this.#sendTrace(request, response);
    else if (this.#ui !== undefined && request.method === 'GET') await sendFile(this.#ui, pathname, response);
    else response.writeHead(404).end();
    if (this.#isFetched) this.#endSoon();
  }

  async #sendTrace({ method }: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Access-Control-Allow-Origin', VIEWER_ORIGIN);
    response.setHeader('Cache-Control', 'no-store');
    if (method === 'OPTIONS') {
      response.setHeader('Access-Control-Allow-Methods', 'GET');
      response.setHeader('Access-Control-Allow-Headers', '*');
      response.setHeader('Access-Control-Allow-Private-Network', 'true');
      response.writeHead(204).end();
      return;
    }
    if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405).end();
    response.writeHead(200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': statSync(this.#trace).size,
    });
    if (method === 'HEAD') return void response.end();
    await pipeline(createReadStream(this.#trace), response);
    this.#isFetched = true;
  }

  #endSoon(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.stop(), this.#ui === undefined ? 0 : IDLE_MS);
  }
}

/** A file of the folder, and of nowhere else. */
async function sendFile(folder: string, pathname: string, response: ServerResponse): Promise<void> {
  const file = fileIn(folder, pathname);
  if (file === undefined) return void response.writeHead(404).end();
  response.writeHead(200, { 'Content-Type': MIME_TYPES[extname(file)] ?? 'application/octet-stream' });
  await pipeline(createReadStream(file), response);
}

function fileIn(folder: string, pathname: string): string | undefined {
  try {
    const file = realpathSync(join(folder, decodeURIComponent(pathname === '/' ? '/index.html' : pathname)));
    return file.startsWith(folder + sep) && statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined; // Not there, or no name of a file at all.
  }
}

function listenFailure(error: unknown): UserError {
  const reason =
    systemErrorCode(error) === 'EADDRINUSE'
      ? 'another program listens there (another gotape open, a trace_processor?); end it first, Perfetto fetches from no other port'
      : `cannot listen there: ${errorText(error)}`;
  return new UserError(`${HOST}:${PORT}: ${reason}`, { cause: error });
}
