import { readFileSync } from "node:fs";
import { MlflowError } from "./errors.ts";

/** How to reach a server. Secrets are behind functions, so that printing the settings, or what holds them, never shows one. */
export interface ConnectionSettings {
  /** The tracking URI without login and without a slash at the end. */
  readonly base: string;
  readonly authorization: () => string | undefined;
  /** The name of a basic login. */
  readonly user: string | undefined;
  readonly workspace: string | undefined;
  readonly timeoutMilliseconds: number;
  readonly tls: () => TlsSettings;
}

interface TlsSettings {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: boolean;
}

const DEFAULT_TIMEOUT_SECONDS = 120;

/**
 * Reads a tracking URI and the `MLFLOW_*` variables that the Python client reads.
 *
 * @throws {MlflowError} MLFLOW_URI, MLFLOW_SETTING
 */
export function readConnectionSettings(uri: string, env: NodeJS.ProcessEnv): ConnectionSettings {
  const url = parseTrackingUri(uri);
  refuseSigning(env);
  const login = readLogin(url, env);
  const tls = readTls(env);
  url.username = "";
  url.password = "";
  return {
    base: url.href.replace(/[?#].*$/, "").replace(/\/+$/, ""),
    authorization: () => login.authorization,
    user: login.user,
    workspace: env["MLFLOW_WORKSPACE"] || undefined,
    timeoutMilliseconds: 1_000 * readSeconds(env, "MLFLOW_HTTP_REQUEST_TIMEOUT", DEFAULT_TIMEOUT_SECONDS),
    tls: () => tls,
  };
}

function parseTrackingUri(uri: string): URL {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url !== undefined && (url.protocol === "http:" || url.protocol === "https:")) return url;
  const fix =
    "give the server's address, such as http://127.0.0.1:5000 (start one with: mlflow server); local files are the file tracker's";
  throw new MlflowError("MLFLOW_URI", "the tracking URI is no http or https address", {
    kind: "permanent",
    where: withoutLogin(uri),
    fix,
  });
}

function withoutLogin(uri: string): string {
  return uri.replace(/\/\/[^/@]*@/, "//");
}

/** Basic wins over the token where both are set, as in the Python client. */
function readLogin(
  url: URL,
  env: NodeJS.ProcessEnv,
): { authorization: string | undefined; user: string | undefined } {
  const user = env["MLFLOW_TRACKING_USERNAME"] || decodeURIComponent(url.username);
  const password = env["MLFLOW_TRACKING_PASSWORD"] || decodeURIComponent(url.password);
  if (user && password) {
    return { authorization: `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`, user };
  }
  const token = env["MLFLOW_TRACKING_TOKEN"];
  return { authorization: token ? `Bearer ${token}` : undefined, user: undefined };
}

function refuseSigning(env: NodeJS.ProcessEnv): void {
  const name = readFlag(env, "MLFLOW_TRACKING_AWS_SIGV4")
    ? "MLFLOW_TRACKING_AWS_SIGV4"
    : env["MLFLOW_TRACKING_AUTH"] && "MLFLOW_TRACKING_AUTH";
  if (!name) return;
  const fix = `unset ${name}, and log in with MLFLOW_TRACKING_TOKEN or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD`;
  throw new MlflowError("MLFLOW_SETTING", "requests signed by a plug-in are not offered", {
    kind: "permanent",
    where: name,
    fix,
  });
}

function readTls(env: NodeJS.ProcessEnv): TlsSettings {
  const insecure = readFlag(env, "MLFLOW_TRACKING_INSECURE_TLS");
  const ca = readPem(env, "MLFLOW_TRACKING_SERVER_CERT_PATH");
  const client = readPem(env, "MLFLOW_TRACKING_CLIENT_CERT_PATH");
  if (insecure && ca !== undefined) {
    const fix = "unset one of MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH";
    throw new MlflowError("MLFLOW_SETTING", "a certificate to check by, and the order not to check", {
      kind: "permanent",
      fix,
    });
  }
  return {
    ...(insecure ? { rejectUnauthorized: false } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(client === undefined ? {} : { cert: client, key: client }),
  };
}

function readPem(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const path = env[name];
  if (!path) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const fix = `set ${name} to a PEM file that can be read, or unset it`;
    throw new MlflowError("MLFLOW_SETTING", "the certificate file cannot be read", {
      kind: "permanent",
      where: `${name}=${path}`,
      fix,
      cause,
    });
  }
}

function readFlag(env: NodeJS.ProcessEnv, name: string): boolean {
  const text = (env[name] ?? "").toLowerCase();
  if (text === "true" || text === "1") return true;
  if (text === "" || text === "false" || text === "0") return false;
  throw new MlflowError("MLFLOW_SETTING", `'${env[name]}' is neither true nor false`, {
    kind: "permanent",
    where: `${name}=${env[name]}`,
    fix: `set ${name} to true or false`,
  });
}

function readSeconds(env: NodeJS.ProcessEnv, name: string, usual: number): number {
  const text = env[name];
  if (!text) return usual;
  const seconds = Number(text);
  if (seconds > 0) return seconds;
  throw new MlflowError("MLFLOW_SETTING", `'${text}' is no number of seconds`, {
    kind: "permanent",
    where: `${name}=${text}`,
    fix: `set ${name} to a number above 0, such as ${usual}`,
  });
}
