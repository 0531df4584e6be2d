import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { ConnectionSettings } from "./connection-settings.ts";
import { MlflowError } from "./errors.ts";
import { faultOfAnswer } from "./fault-of-answer.ts";
import { faultOfRequest } from "./fault-of-request.ts";

/** One request. `path` begins after the tracking URI; its parts are percent-encoded already. */
export interface MlflowCall {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  /** A file's content, instead of `body`. */
  readonly upload?: { readonly stream: Readable; readonly bytes: number };
}

export type MlflowAnswer = Readonly<Record<string, unknown>>;

export interface ConnectionOptions {
  readonly settings: ConnectionSettings;
  /** Ends every request that is under way. */
  readonly signal: AbortSignal;
  /** undici's, where the caller has one; it stays open. */
  readonly dispatcher?: Dispatcher | undefined;
}

const CONNECT_MILLISECONDS = 10_000;
/** A server that takes a large file may write it twice before it answers. */
const UPLOAD_MILLISECONDS = 600_000;
const USER_AGENT = "ttm-tracking/1";

/** One kept-alive pool to one server. */
export class MlflowConnection {
  readonly settings: ConnectionSettings;
  readonly #dispatcher: Dispatcher;
  readonly #request: typeof import("undici").request;
  readonly #signal: AbortSignal;
  readonly #own: boolean;
  #answered = 0;
  #accepted = 0;

  private constructor(
    options: ConnectionOptions,
    dispatcher: Dispatcher,
    request: typeof import("undici").request,
  ) {
    this.settings = options.settings;
    this.#signal = options.signal;
    this.#own = options.dispatcher === undefined;
    this.#dispatcher = dispatcher;
    this.#request = request;
  }

  static async open(options: ConnectionOptions): Promise<MlflowConnection> {
    // undici takes 80 ms to load: a program that only keeps files shall not pay for it.
    const { EnvHttpProxyAgent, request } = await import("undici");
    const { timeoutMilliseconds: timeout, tls } = options.settings;
    const connect = { ...tls(), timeout: Math.min(timeout, CONNECT_MILLISECONDS) };
    const pool = {
      connections: 4,
      pipelining: 1,
      headersTimeout: timeout,
      bodyTimeout: timeout,
      connect,
      requestTls: connect,
    };
    return new MlflowConnection(options, options.dispatcher ?? new EnvHttpProxyAgent(pool), request);
  }

  /** How many requests were answered, with whatever status. */
  get answered(): number {
    return this.#answered;
  }

  /** How many requests that write something succeeded. */
  get accepted(): number {
    return this.#accepted;
  }

  /** @throws {MlflowError} for anything but a 200 with the JSON object of the call */
  async call(call: MlflowCall): Promise<MlflowAnswer> {
    const url = this.#url(call);
    const where = `${call.method} ${url.origin}${url.pathname}`;
    let status: number;
    let headers: Dispatcher.ResponseData["headers"];
    let text: string;
    try {
      const answer = await this.#request(url, {
        method: call.method,
        dispatcher: this.#dispatcher,
        signal: this.#signal,
        headers: this.#headers(call),
        ...(call.upload === undefined ? {} : { headersTimeout: this.#uploadTimeout() }),
        body: call.upload?.stream ?? (call.body === undefined ? null : JSON.stringify(call.body)),
      });
      status = answer.statusCode;
      headers = answer.headers;
      text = await answer.body.text();
    } catch (fault) {
      call.upload?.stream.destroy();
      throw faultOfRequest(fault, where);
    }
    this.#answered += 1;
    if (status !== 200) throw faultOfAnswer({ status, headers, text, where });
    const parsed = parseAnswer(text, where);
    if (call.method !== "GET") this.#accepted += 1;
    return parsed;
  }

  /**
   * Puts a part of a file where a store's own address says; our login does not go there.
   *
   * @throws {MlflowError} where there was no answer
   */
  async putElsewhere(
    url: string,
    headers: Readonly<Record<string, string>>,
    stream: Readable,
    bytes: number,
  ): Promise<{ status: number; etag: string }> {
    try {
      const answer = await this.#request(url, {
        method: "PUT",
        dispatcher: this.#dispatcher,
        signal: this.#signal,
        headers: { ...headers, "content-length": String(bytes) },
        headersTimeout: this.#uploadTimeout(),
        body: stream,
      });
      await answer.body.dump();
      return { status: answer.statusCode, etag: String(answer.headers["etag"] ?? "") };
    } catch (fault) {
      stream.destroy();
      throw faultOfRequest(fault, `PUT ${url.replace(/[?#].*$/, "")}`);
    }
  }

  #uploadTimeout(): number {
    return Math.max(UPLOAD_MILLISECONDS, this.settings.timeoutMilliseconds);
  }

  /** Closes the pool, unless it is the caller's. */
  async close(): Promise<void> {
    if (this.#own) await this.#dispatcher.destroy();
  }

  #url(call: MlflowCall): URL {
    const url = new URL(this.settings.base + call.path);
    for (const [key, value] of Object.entries(call.query ?? {})) url.searchParams.append(key, String(value));
    return url;
  }

  #headers(call: MlflowCall): Record<string, string> {
    const { workspace } = this.settings;
    const authorization = this.settings.authorization();
    return {
      "user-agent": USER_AGENT,
      accept: "application/json",
      ...(call.body === undefined ? {} : { "content-type": "application/json" }),
      ...(call.upload === undefined
        ? {}
        : { "content-type": "application/octet-stream", "content-length": String(call.upload.bytes) }),
      ...(authorization === undefined ? {} : { authorization }),
      ...(workspace === undefined ? {} : { "X-MLFLOW-WORKSPACE": workspace }),
    };
  }
}

/** An empty body and the text `200 OK` stand for `{}`: some gateways send them. */
function parseAnswer(text: string, where: string): MlflowAnswer {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed === "200 OK") return {};
  if (trimmed.startsWith("<")) {
    const fix = "check the tracking URI in a browser: it must show MLflow itself, not a login page";
    throw new MlflowError("MLFLOW_NOT_MLFLOW", "a web page came instead of an answer", {
      kind: "paused",
      where,
      fix,
      status: 200,
    });
  }
  try {
    const value: unknown = JSON.parse(trimmed);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Cut short on its way: told apart from a refusal below.
  }
  throw badAnswer("the answer is no JSON object", where);
}

/** The server said yes, but not what we asked: it may have done it. */
export function badAnswer(what: string, where: string): MlflowError {
  return new MlflowError("MLFLOW_BAD_ANSWER", what, { kind: "transient", where, status: 200 });
}
