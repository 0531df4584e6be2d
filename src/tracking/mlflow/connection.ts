import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { ConnectionSettings } from "./connection-settings.ts";
import { MlflowError } from "./errors.ts";
import { faultOfAnswer } from "./fault-of-answer.ts";
import { faultOfRequest } from "./fault-of-request.ts";

/** One request. `path` begins after the tracking URI; its parts are percent-encoded already. */
export interface MlflowCall {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  /** A file's content, instead of `body`. */
  readonly upload?: { readonly stream: Readable; readonly bytes: number };
}

export type MlflowAnswer = Readonly<Record<string, unknown>>;

const USER_AGENT = "ttm-tracking/1";

/** One kept-alive pool to one server. */
export class MlflowConnection {
  readonly settings: ConnectionSettings;
  readonly #dispatcher: Dispatcher;
  readonly #request: typeof import("undici").request;
  readonly #stop = new AbortController();
  #answered = 0;

  private constructor(
    settings: ConnectionSettings,
    dispatcher: Dispatcher,
    request: typeof import("undici").request,
  ) {
    this.settings = settings;
    this.#dispatcher = dispatcher;
    this.#request = request;
  }

  /** @param dispatcher  undici's, where the caller has one (a test's MockAgent) */
  static async open(settings: ConnectionSettings, dispatcher?: Dispatcher): Promise<MlflowConnection> {
    // undici takes 80 ms to load: a program that only keeps files shall not pay for it.
    const { EnvHttpProxyAgent, request } = await import("undici");
    const timeout = settings.timeoutMilliseconds;
    const connect = { ...settings.tls, timeout: Math.min(timeout, 10_000) };
    const options = { connections: 4, pipelining: 1, headersTimeout: timeout, bodyTimeout: timeout, connect };
    return new MlflowConnection(
      settings,
      dispatcher ?? new EnvHttpProxyAgent({ ...options, requestTls: connect }),
      request,
    );
  }

  /** How many requests were answered, with whatever status. */
  get answered(): number {
    return this.#answered;
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
        signal: this.#stop.signal,
        headers: this.#headers(call),
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
    return parseAnswer(text, where);
  }

  /** Ends what is under way and closes the pool. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#dispatcher.destroy();
  }

  #url(call: MlflowCall): URL {
    const url = new URL(this.settings.base + call.path);
    for (const [key, value] of Object.entries(call.query ?? {})) url.searchParams.append(key, String(value));
    return url;
  }

  #headers(call: MlflowCall): Record<string, string> {
    const { authorization, workspace } = this.settings;
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
