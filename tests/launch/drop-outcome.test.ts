import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isFileLock, takeLock } from "../../src/core/index.ts";
import { dropOutcome } from "../../src/launch/drop-outcome.ts";
import type { JobOutcome } from "../../src/launch/index.ts";
import { jobLockFile, readOutcome, writeOutcome } from "../../src/launch/index.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ttm-outcome-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const outcome = (status: JobOutcome["status"]): JobOutcome => {
  const about = { num: 0, overrides: [], params: {}, dir: root, attempt: 1 };
  return { ...about, status, result: 7, error: undefined, startedAt: null, endedAt: null };
};

describe("dropOutcome", () => {
  it("takes a failure away, and leaves what has completed", () => {
    writeOutcome(root, outcome("failed"));
    expect(dropOutcome(root, undefined)).toBeUndefined();
    expect(readOutcome(root)).toBeUndefined();
    writeOutcome(root, outcome("completed"));
    expect(dropOutcome(root, undefined)).toMatchObject({ status: "completed", result: 7 });
    expect(readOutcome(root)).toMatchObject({ result: 7 });
  });

  it("leaves the outcome of a job on which a live process works", () => {
    writeOutcome(root, outcome("failed"));
    const lock = takeLock(jobLockFile(root));
    dropOutcome(root, undefined);
    expect(readOutcome(root)).toMatchObject({ status: "failed" });
    if (isFileLock(lock)) lock.release();
  });
});

describe("an outcome of another sweep in the same folder", () => {
  it("is none", () => {
    writeOutcome(root, outcome("completed"), { sweepId: "a" });
    expect(readOutcome(root, "b")).toBeUndefined();
    expect(readOutcome(root, "a")).toMatchObject({ result: 7 });
    expect(writeOutcome(root, { ...outcome("completed"), result: 8 }, { sweepId: "b" })).toMatchObject({
      result: 8,
    });
    expect(dropOutcome(root, "a")).toBeUndefined();
    expect(readOutcome(root)).toBeUndefined();
  });
});
