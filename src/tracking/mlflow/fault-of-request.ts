import { MlflowError } from "./errors.ts";

/** Codes of faults that come before the first byte has left. */
const UNSENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_PRX_TLS",
]);

/** A request that got no answer. Only the fault's code and message are kept: its own object may hold the headers. */
export function faultOfRequest(fault: unknown, where: string): MlflowError {
  const code = codeOf(fault);
  const reason = code || (fault instanceof Error ? fault.message : String(fault));
  if (/CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_VERIFY/.test(code)) {
    return new MlflowError("MLFLOW_TLS", `the server's certificate is not trusted (${code})`, {
      kind: "paused",
      maybeDone: false,
      where,
      fix: "set MLFLOW_TRACKING_SERVER_CERT_PATH to the certificate's PEM file",
    });
  }
  return new MlflowError("MLFLOW_UNREACHABLE", `the server does not answer (${reason})`, {
    kind: "transient",
    maybeDone: !UNSENT.has(code),
    where,
    fix: "check that the server runs and that the tracking URI is right",
  });
}

function codeOf(fault: unknown): string {
  if (typeof fault !== "object" || fault === null) return "";
  if ("code" in fault && typeof fault.code === "string") return fault.code;
  return "cause" in fault ? codeOf(fault.cause) : "";
}
