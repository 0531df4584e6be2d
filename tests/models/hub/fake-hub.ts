import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const REPO = "somebody/some-ttm";
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";

export interface FakeHubOptions {
  readonly files: Readonly<Record<string, Buffer>>;
  /** Ends each connection for a large file after so many bytes, as many times as this says. */
  readonly cuts?: { readonly after: number; readonly times: number };
  /** Sends other bytes than it describes. */
  readonly corrupt?: boolean;
  /** Needs this token. */
  readonly token?: string;
  /** Milliseconds before it says anything. */
  readonly delay?: number;
}

/** Below this a file is kept in git itself, above by its SHA-256. */
const LARGE = 1000;

/** The routes of the hub that a download needs, on this machine. */
export class FakeHub {
  readonly url: string;
  /** What was asked for: method, path and range. */
  readonly requests: string[];
  readonly close: () => Promise<void>;

  private constructor(url: string, requests: string[], close: () => Promise<void>) {
    this.url = url;
    this.requests = requests;
    this.close = close;
  }

  static async start(options: FakeHubOptions): Promise<FakeHub> {
    const requests: string[] = [];
    let cutsLeft = options.cuts?.times ?? 0;
    const server = createServer((request, response) => {
      const range = request.headers.range ?? "";
      requests.push(`${request.method} ${request.url?.split("?")[0]} ${range}`.trim());
      setTimeout(() => {
        const cut = cutsLeft > 0 && isDownload(request) ? options.cuts?.after : undefined;
        if (cut !== undefined) cutsLeft--;
        answer(request, response, options, cut);
      }, options.delay ?? 0);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const close = () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      });
    return new FakeHub(`http://127.0.0.1:${port}`, requests, close);
  }

  /** Downloads of a file's content, without the look at its size. */
  downloads(path: string): string[] {
    return this.requests.filter((line) => line.includes(`/${path}`) && !line.endsWith("bytes=0-0"));
  }
}

function isDownload({ url, headers }: IncomingMessage): boolean {
  return url?.includes("model.safetensors") === true && headers.range !== "bytes=0-0";
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: FakeHubOptions,
  cut: number | undefined,
): void {
  const path = decodeURIComponent(request.url?.split("?")[0] ?? "");
  const content = options.files[path.replace(`/${REPO}/resolve/${COMMIT}/`, "")];
  if (options.token && request.headers.authorization !== `Bearer ${options.token}`) {
    json(response, 401, { error: "Invalid credentials" });
  } else if (path === `/api/models/${REPO}/revision/main`) {
    json(response, 200, { _id: "1", id: REPO, sha: COMMIT, lastModified: "2026-01-01" });
  } else if (path === `/api/models/${REPO}/paths-info/${COMMIT}`) {
    json(response, 200, Object.entries(options.files).map(describeFile));
  } else if (content) {
    sendFile(request, response, options.corrupt ? changed(content) : content, cut);
  } else json(response, 404, { error: "Repository not found" });
}

function describeFile([path, content]: [string, Buffer]): object {
  const oid = createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
  const sha256 = createHash("sha256").update(content).digest("hex");
  const lfs = content.length >= LARGE ? { lfs: { oid: sha256, size: content.length, pointerSize: 130 } } : {};
  return { type: "file", path, oid, size: content.length, ...lfs };
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  cut: number | undefined,
): void {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  const from = range ? Number(range[1]) : 0;
  const part = content.subarray(from, range ? Number(range[2]) + 1 : content.length);
  response.writeHead(range ? 206 : 200, {
    etag: '"1"',
    "content-length": part.length,
    ...(range ? { "content-range": `bytes ${from}-${from + part.length - 1}/${content.length}` } : {}),
  });
  if (cut === undefined || part.length <= cut) response.end(part);
  else response.write(part.subarray(0, cut), () => setTimeout(() => response.destroy(), 20));
}

function changed(content: Buffer): Buffer {
  return Buffer.from(content.map((byte) => byte ^ 1));
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}
