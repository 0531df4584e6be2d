import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readReports } from "../../src/launch/index.ts";
import { ReportReader } from "../../src/launch/job-reports.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ttm-reports-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const append = (text: string) => appendFileSync(join(root, "reports.jsonl"), text);

describe("the reports of a job", () => {
  it("leave out a line that a machine left torn, to which the next was glued", () => {
    append('{"step":1,"value":5}\n{"step":2,"va{"step":2,"value":4}\nnull\n{"step":3,"value":"NaN"}\n');
    expect(readReports(root)).toEqual([
      { step: 1, value: 5 },
      { step: 3, value: Number.NaN },
    ]);
  });

  it("are read on from where they were read before, whole lines only", () => {
    const reader = new ReportReader(root);
    expect(reader.read()).toEqual([]);
    append('{"step":1,"value":5}\n{"step":2,"val');
    expect(reader.read()).toEqual([{ step: 1, value: 5 }]);
    expect(reader.read()).toEqual([]);
    append('ue":4}\n');
    expect(reader.read()).toEqual([{ step: 2, value: 4 }]);
  });
});
