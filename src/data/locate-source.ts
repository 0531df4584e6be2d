import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { didYouMean } from "../core/index.ts";
import { type DownloadOptions, download } from "./download.ts";
import { DataError } from "./errors.ts";
import type { DataSettings } from "./schema.ts";

type SourceSettings = Pick<DataSettings, "path" | "url" | "sha256">;

const PACKAGE_SCHEME = "package://";
// This file is src/data/… in the sources and dist/data/… when built: both two folders below the package.
const packageRoot = fileURLToPath(new URL("../../", import.meta.url));

/**
 * The file that the settings mean, fetched first where it is a url.
 *
 * @returns its absolute path and the sha256 of its bytes
 * @throws {DataError} DATA_NO_SOURCE, DATA_FILE_NOT_FOUND, DATA_UNSUPPORTED, DATA_DOWNLOAD_FAILED, DATA_CHECKSUM
 */
export async function locateSource(
  settings: SourceSettings,
  options: DownloadOptions = {},
): Promise<{ readonly path: string; readonly sha256: string }> {
  const expected = settings.sha256?.toLowerCase() ?? null;
  if (settings.path !== null) {
    const path = resolvePath(settings.path);
    await requireFile(path, settings.path);
    const sha256 = await sha256OfFile(path);
    if (expected !== null && sha256 !== expected) throw otherBytes(settings.path, expected, sha256);
    return { path, sha256 };
  }
  if (settings.url === null) throw noSource();
  return download(settings.url, expected, options);
}

/** `package://x` lies in this package, `~/x` in the home folder, everything else in the working folder. */
function resolvePath(path: string): string {
  if (path.startsWith(PACKAGE_SCHEME)) return join(packageRoot, path.slice(PACKAGE_SCHEME.length));
  if (path.startsWith("~/")) return join(homedir(), path.slice(2));
  return resolve(path);
}

async function requireFile(path: string, given: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw await notFound(path, given, found !== undefined);
  if (/\.(parquet|xlsx?|jsonl?|feather|arrow|gz|zip)$/i.test(path)) throw notCsv(given);
}

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function notFound(path: string, given: string, isFolder: boolean): Promise<DataError> {
  const neighbours = await readdir(isFolder ? path : dirname(path)).catch(() => []);
  const csvFiles = neighbours.filter((name) => /\.(csv|tsv|txt)$/i.test(name));
  const guess = isFolder ? undefined : didYouMean(basename(path), csvFiles);
  const offer = csvFiles.length === 0 ? undefined : `the folder has: ${csvFiles.slice(0, 10).join(", ")}`;
  return new DataError("DATA_FILE_NOT_FOUND", isFolder ? `'${given}' is not a file` : `no file '${given}'`, {
    where: `data.path, read as ${path}`,
    fix: [guess, offer, "name a csv file: data.path=FILE"].filter((part) => part !== undefined).join("\n"),
  });
}

function notCsv(given: string): DataError {
  return new DataError("DATA_UNSUPPORTED", `'${given}' is not a csv file`, {
    where: "data.path",
    fix: "save it as plain csv with one header line, and name that: data.path=FILE.csv",
  });
}

function noSource(): DataError {
  return new DataError("DATA_NO_SOURCE", "neither a file nor a url is given", {
    where: "data.path, data.url",
    fix: "name a csv file: data.path=FILE",
  });
}

function otherBytes(given: string, expected: string, found: string): DataError {
  return new DataError("DATA_CHECKSUM", `'${given}' is not the file that the settings describe`, {
    where: { text: "data.sha256", detail: [`expected ${expected}`, `found    ${found}`] },
    fix: "use the original file, or accept this one: data.sha256=null",
  });
}
