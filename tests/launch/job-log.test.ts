import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compose, resolveSetting } from "../../src/config/index.ts";
import { openJobLog } from "../../src/launch/job-log.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ttm-log-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** The log that the built-in `hydra/job_logging` options and further words ask for. */
function open(words: readonly string[], verbose = false) {
  const composition = compose({
    configDir: null,
    configName: null,
    overrides: [...words, `hydra.runtime.output_dir=${root}`],
    job: { name: "j" },
  });
  let stderr = "";
  const log = openJobLog({
    logging: resolveSetting(composition, "hydra.job_logging"),
    name: "j",
    verbose,
    stderr: (text) => {
      stderr += text;
    },
    now: () => new Date(2026, 1, 3, 4, 5, 6, 7),
  });
  return { log, shown: () => stderr };
}

const line = "[2026-02-03 04:05:06,007][j][INFO] - hi\n";

describe("openJobLog", () => {
  it("makes the file at once and writes to it and to standard error", () => {
    const { log, shown } = open([]);
    expect(readFileSync(join(root, "j.log"), "utf8")).toBe("");
    log("hi");
    expect([readFileSync(join(root, "j.log"), "utf8"), shown()]).toEqual([line, line]);
  });

  it("keeps the level", () => {
    const { log, shown } = open([]);
    log("quiet", "DEBUG");
    log("bad", "ERROR");
    expect(shown()).toContain("[ERROR] - bad");
    expect(shown()).not.toContain("quiet");
    const loud = open([], true);
    loud.log("quiet", "DEBUG");
    expect(loud.shown()).toContain("[DEBUG] - quiet");
  });

  it.each<[string, string]>([
    ["none", ""],
    ["disabled", ""],
    ["stdout", "hi\n"],
  ])("hydra/job_logging=%s shows %j and makes no file", (option, expected) => {
    const { log, shown } = open([`hydra/job_logging=${option}`]);
    log("hi");
    expect([shown(), existsSync(join(root, "j.log"))]).toEqual([expected, false]);
  });
});
