import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { type Dispatcher, EnvHttpProxyAgent, interceptors, request } from "undici";
import writeFileAtomic from "write-file-atomic";
import { DataError } from "./errors.ts";

export interface DownloadOptions {
  /** Where files are kept; by default `ttm/data` in the user's cache folder. */
  readonly cacheDir?: string | undefined;
  /** Carries the requests; by default the proxies of the environment, redirects and two retries. */
  readonly dispatcher?: Dispatcher | undefined;
}

const MOST_REDIRECTS = 5;
const MOST_RETRIES = 2;
const HEADERS_TIMEOUT_MS = 30_000;
const BODY_TIMEOUT_MS = 60_000;

/**
 * The cached copy of a url, fetched if it is not there or is not what `sha256` says. The file appears whole or not
 * at all, so processes may race for it.
 *
 * @throws {DataError} DATA_DOWNLOAD_FAILED, DATA_CHECKSUM
 */
export async function download(
  url: string,
  sha256: string | null,
  options: DownloadOptions = {},
): Promise<{ readonly path: string; readonly sha256: string }> {
  const folder = options.cacheDir ?? defaultCacheDir();
  const path = join(folder, cacheName(url));
  const cached = await readFile(path).catch(() => undefined);
  const cachedHash = cached && sha256Of(cached);
  if (cachedHash !== undefined && (sha256 === null || cachedHash === sha256))
    return { path, sha256: cachedHash };

  const bytes = await fetchBytes(url, options.dispatcher ?? defaultDispatcher());
  const hash = sha256Of(bytes);
  if (sha256 !== null && hash !== sha256) throw otherBytes(url, sha256, hash);
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(path, bytes);
  return { path, sha256: hash };
}

function defaultCacheDir(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "ttm", "data");
}

function defaultDispatcher(): Dispatcher {
  return new EnvHttpProxyAgent().compose(
    interceptors.redirect({ maxRedirections: MOST_REDIRECTS }),
    interceptors.retry({ maxRetries: MOST_RETRIES }),
  );
}

/** The file's own name behind a hash of the whole url: equal names from different places stay apart. */
function cacheName(url: string): string {
  const name = URL.canParse(url) ? basename(new URL(url).pathname) : "";
  return `${sha256Of(Buffer.from(url)).slice(0, 12)}-${name.replaceAll(/[^\w.-]/g, "_") || "data.csv"}`;
}

const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function fetchBytes(url: string, dispatcher: Dispatcher): Promise<Buffer> {
  const timeouts = { headersTimeout: HEADERS_TIMEOUT_MS, bodyTimeout: BODY_TIMEOUT_MS };
  try {
    const response = await request(url, { dispatcher, ...timeouts });
    if (response.statusCode === 200) return Buffer.from(await response.body.arrayBuffer());
    await response.body.dump();
    throw failed(url, `the server answered ${response.statusCode}`);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw failed(url, error instanceof Error ? error.message || error.name : String(error), error);
  }
}

function failed(url: string, reason: string, cause?: unknown): DataError {
  return new DataError("DATA_DOWNLOAD_FAILED", `the data could not be fetched: ${reason}`, {
    where: `GET ${url}`,
    fix: "check the network, or fetch the file yourself and name it: data.path=FILE",
    cause,
  });
}

function otherBytes(url: string, expected: string, found: string): DataError {
  return new DataError("DATA_CHECKSUM", "the fetched file is not the one that the settings describe", {
    where: { text: `GET ${url}`, detail: [`expected ${expected}`, `found    ${found}`] },
    fix: "fetch the original yourself and name it: data.path=FILE, or accept this one: data.sha256=null",
  });
}
