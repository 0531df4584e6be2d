import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { faultOfAnswer, readRetryAfter } from "../../../src/tracking/mlflow/fault-of-answer.ts";
import { retryDelay } from "../../../src/tracking/mlflow/retry-delay.ts";

const shared = process.env["TTM_SHARED"] ?? resolve(import.meta.dirname, "../../../../shared");
const recorded = join(shared, "conformance/mlflow");
if (!existsSync(recorded))
  process.stderr.write(`skipped: there are no recorded MLflow answers (${recorded})\n`);

interface Recorded {
  readonly status: number;
  readonly body?: { readonly error_code?: string };
  readonly text?: string;
}

function recordedFaults(): { id: string; path: string; answer: Recorded }[] {
  if (!existsSync(recorded)) return [];
  const files = readdirSync(recorded, { recursive: true, encoding: "utf8" }).filter((name) =>
    /^[^/]+\/.+\.json$/.test(name),
  );
  return files.flatMap((name) => {
    const { request, answers = [] } = JSON.parse(readFileSync(join(recorded, name), "utf8"));
    return answers
      .filter(({ status }: Recorded) => status >= 300)
      .map((answer: Recorded, index: number) => ({ id: `${name} ${index}`, path: request.path, answer }));
  });
}

/** By hand, from the table of error bodies: what the servers answered and what we call it. */
function expectedCode({ status, body, text = "" }: Recorded, path: string): string {
  const detail = body?.error_code === undefined ? `${JSON.stringify(body)}${text}` : "";
  if (body?.error_code === "RESOURCE_ALREADY_EXISTS") return "MLFLOW_EXISTS";
  if (body?.error_code === "RESOURCE_DOES_NOT_EXIST") return "MLFLOW_NOT_FOUND";
  if (status === 401) return "MLFLOW_UNAUTHENTICATED";
  if (status === 403)
    return detail.includes("Permission denied") ? "MLFLOW_FORBIDDEN" : "MLFLOW_HOST_REFUSED";
  if (status === 404 || status === 405) return "MLFLOW_NOT_MLFLOW";
  if (status === 503 && path.includes("mlflow-artifacts")) return "MLFLOW_NO_ARTIFACTS";
  return status >= 500 ? "MLFLOW_SERVER_FAULT" : "MLFLOW_REFUSED";
}

describe.skipIf(!existsSync(recorded))("answers of real servers", () => {
  it.each(recordedFaults())("$id", ({ path, answer }) => {
    const text = answer.text ?? JSON.stringify(answer.body);
    const fault = faultOfAnswer({
      status: answer.status,
      headers: {},
      text,
      where: `POST http://host${path}`,
    });
    expect(fault.code).toBe(expectedCode(answer, path));
  });
});

describe("answers of proxies", () => {
  it.each([
    ["502 page", 502, "<html>", "transient", true],
    ["503 page", 503, "<html>", "transient", true],
    ["503 with error_code", 503, '{"error_code":"TEMPORARILY_UNAVAILABLE"}', "transient", true],
    ["504", 504, "", "transient", true],
    ["408", 408, "", "transient", true],
    ["429", 429, '{"error_code":"REQUEST_LIMIT_EXCEEDED"}', "transient", true],
    ["413", 413, "<html>", "tooLarge", false],
    ["a number for error_code", 401, '{"error_code":401,"message":"no"}', "paused", false],
    ["301", 301, "", "paused", false],
  ])("%s", (_, status, text, kind, maybeDone) => {
    expect(faultOfAnswer({ status, headers: {}, text, where: "POST http://h/x" })).toMatchObject({
      kind,
      maybeDone,
      status,
    });
  });

  it("keep Retry-After in both forms, five minutes at most", () => {
    const now = Date.parse("Wed, 21 Oct 2026 07:28:00 GMT");
    expect(readRetryAfter("7", now)).toBe(7_000);
    expect(readRetryAfter("Wed, 21 Oct 2026 07:28:09 GMT", now)).toBe(9_000);
    expect(readRetryAfter("86400", now)).toBe(300_000);
    expect(readRetryAfter("Wed, 21 Oct 2026 07:27:00 GMT", now)).toBe(0);
    expect(readRetryAfter("soon", now)).toBeUndefined();
  });
});

describe("the wait before the next try", () => {
  it("doubles from half a second to a minute, with full jitter, and never undercuts the server", () => {
    const most = [1, 2, 3, 10, 100].map((failures) => retryDelay(failures, undefined, () => 1));
    expect(most).toEqual([500, 1_000, 2_000, 60_000, 60_000]);
    expect(retryDelay(5, undefined, () => 0)).toBe(20);
    expect(retryDelay(1, 9_000, () => 1)).toBe(9_000);
  });
});
