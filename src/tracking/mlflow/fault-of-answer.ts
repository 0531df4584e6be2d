import { MlflowError, type MlflowErrorCode, type MlflowErrorOptions } from "./errors.ts";

/** An answer that is not a success. */
export interface FaultyAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly where: string;
}

const RETRY_AFTER_AT_MOST = 5 * 60_000;
const SHOWN_CHARACTERS = 300;

interface Row {
  readonly when: (answer: FaultyAnswer, errorCode: string | undefined) => boolean;
  readonly code: MlflowErrorCode;
  readonly what: string;
  readonly kind: MlflowErrorOptions["kind"];
  readonly maybeDone?: boolean;
  readonly fix?: string;
}

const isPage = (answer: FaultyAnswer) => /^\s*<(!doctype|html)/i.test(answer.text);
const isArtifactCall = (answer: FaultyAnswer) => answer.where.includes("/mlflow-artifacts/");

/** First row that applies; by `error_code` first, then by status. */
const ROWS: readonly Row[] = [
  {
    when: (_, errorCode) => errorCode === "RESOURCE_ALREADY_EXISTS",
    code: "MLFLOW_EXISTS",
    what: "it exists already",
    kind: "refused",
    maybeDone: false,
  },
  {
    when: (_, errorCode) => errorCode === "RESOURCE_DOES_NOT_EXIST" || errorCode === "NOT_FOUND",
    code: "MLFLOW_NOT_FOUND",
    what: "the server does not know it",
    kind: "refused",
    maybeDone: false,
  },
  {
    when: (answer, errorCode) =>
      answer.status === 503 &&
      errorCode === undefined &&
      isArtifactCall(answer) &&
      /disabled/i.test(answer.text),
    code: "MLFLOW_NO_ARTIFACTS",
    what: "this server takes no artifacts",
    kind: "refused",
    maybeDone: false,
    fix: "start it with --serve-artifacts; until then artifacts stay in the run folder",
  },
  {
    when: ({ status, text }) => status === 403 && /host header|cross-origin/i.test(text),
    code: "MLFLOW_HOST_REFUSED",
    what: "the server refuses the host name it is called by",
    kind: "paused",
    maybeDone: false,
    fix: "start it with --allowed-hosts and the host (with its port) of the tracking URI",
  },
  {
    when: ({ status }) => status === 401,
    code: "MLFLOW_UNAUTHENTICATED",
    what: "the server does not accept the login",
    kind: "paused",
    maybeDone: false,
    fix: "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN",
  },
  {
    when: ({ status }) => status === 403,
    code: "MLFLOW_FORBIDDEN",
    what: "the login has no right to do this",
    kind: "paused",
    maybeDone: false,
    fix: "ask for the right to edit this experiment, or choose another experiment_name",
  },
  {
    when: ({ status }) => status >= 300 && status < 400,
    code: "MLFLOW_REDIRECTED",
    what: "the server sends us elsewhere",
    kind: "paused",
    maybeDone: false,
    fix: "use the address it redirects to as the tracking URI",
  },
  {
    when: ({ status }) => status === 404 || status === 405,
    code: "MLFLOW_NOT_MLFLOW",
    what: "there is no such MLflow call at this address",
    kind: "paused",
    maybeDone: false,
    fix: "check the tracking URI: the address that shows MLflow in a browser, without /#/experiments",
  },
  {
    when: ({ status }) => status === 413,
    code: "MLFLOW_TOO_LARGE",
    what: "the request is too large for the server",
    kind: "tooLarge",
    maybeDone: false,
  },
  {
    when: ({ status }) => status === 429,
    code: "MLFLOW_THROTTLED",
    what: "the server asks to wait",
    kind: "transient",
  },
  {
    when: ({ status }) => [408, 425, 499].includes(status),
    code: "MLFLOW_SERVER_FAULT",
    what: "the server gave up",
    kind: "transient",
  },
  {
    when: ({ status }) => status >= 500,
    code: "MLFLOW_SERVER_FAULT",
    what: "the server failed",
    kind: "transient",
  },
  { when: () => true, code: "MLFLOW_REFUSED", what: "the server refuses it", kind: "refused" },
];

/** The error for an answer that is not a success; every body of the servers 2.x and 3.x, and of proxies before them, has a row. */
export function faultOfAnswer(answer: FaultyAnswer): MlflowError {
  const { errorCode, message } = readBody(answer);
  const row = ROWS.find((it) => it.when(answer, errorCode));
  if (row === undefined) throw new TypeError("the last row takes every answer");
  const retryAfterMilliseconds = readRetryAfter(answer.headers["retry-after"]);
  return new MlflowError(row.code, message === "" ? row.what : `${row.what}: ${message}`, {
    kind: row.kind,
    ...(row.maybeDone === undefined ? {} : { maybeDone: row.maybeDone }),
    where: `${answer.where} answered ${answer.status}${errorCode === undefined ? "" : ` ${errorCode}`}`,
    fix: row.fix,
    status: answer.status,
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(retryAfterMilliseconds === undefined ? {} : { retryAfterMilliseconds }),
  });
}

/** Some proxies put a number into `error_code`: that says no more than the status. */
function readBody(answer: FaultyAnswer): { errorCode: string | undefined; message: string } {
  try {
    const body: unknown = JSON.parse(answer.text);
    if (typeof body === "object" && body !== null) {
      const errorCode =
        "error_code" in body && typeof body.error_code === "string" ? body.error_code : undefined;
      const message = "message" in body ? body.message : "detail" in body ? body.detail : "";
      return { errorCode, message: shorten(String(message)) };
    }
  } catch {
    // Plain text or a page.
  }
  return { errorCode: undefined, message: isPage(answer) ? "" : shorten(answer.text.trim()) };
}

function shorten(text: string): string {
  const characters = [...text];
  return characters.length <= SHOWN_CHARACTERS ? text : `${characters.slice(0, SHOWN_CHARACTERS).join("")}…`;
}

/** Seconds, or a date. */
export function readRetryAfter(header: string | string[] | undefined, now = Date.now()): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined || text.trim() === "") return undefined;
  const wait = /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), RETRY_AFTER_AT_MOST);
}
