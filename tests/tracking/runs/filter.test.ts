import { describe, expect, it } from "vitest";
import { formatError, type TtmError } from "../../../src/core/index.ts";
import { parseFilter, type RunView } from "../../../src/tracking/index.ts";

const run: RunView = {
  run_id: "abc",
  name: "lr 1e-3",
  experiment: "demand",
  status: "completed",
  folder: "/runs/1",
  parent_run_id: null,
  started_at: "2026-11-25T10:00:00.000Z",
  ended_at: "2026-11-25T10:01:00.000Z",
  seconds: 60,
  metrics: { val_mse: 0.25, "val/loss": 0.5, odd: "NaN" },
  params: { "training.learning_rate": 0.001, "training.layers": [1, 2], "data.path": null, name: "x" },
  tags: { team: "blue" },
  error: null,
};

describe("a filter that fits", () => {
  it.each([
    "metrics.val_mse < 0.3",
    "metrics.val_mse<=0.25",
    "metrics.val/loss = 0.5",
    "params.training.learning_rate = 1e-3",
    "params.data.path = null",
    "status = completed and not (name ~ test or seconds > 61)",
    "status == 'completed' && tags.team != red",
    "status in (failed, completed)",
    'name = "lr 1e-3"',
    "metrics.val_mse",
    "not metrics.test_mse",
    "started_at > 2026-11-25",
    '$.params["training.learning_rate"] < 0.01',
    '$.params["training.layers"] = 2',
    "$..team = blue",
    "status = failed or metrics.val_mse < 1 and seconds = 60",
  ])("%s", async (text) => expect(await parseFilter(text)(run)).toBe(true));
});

describe("a filter that does not", () => {
  it.each([
    "metrics.val_mse < 0.2",
    "metrics.missing < 1",
    "metrics.missing != 1",
    "metrics.odd < 1",
    "status in (failed, killed)",
    "(status = failed or status = killed) and seconds = 60",
    "! status",
  ])("%s", async (text) => expect(await parseFilter(text)(run)).toBe(false));
});

describe("a filter that cannot be read points at the place", () => {
  it.each([
    ["metrics.val_mse <", "a value is missing here", 17],
    ["status = completed and", "a name such as metrics.val_loss is missing here", 22],
    ["(status = completed", "')' is missing here", 19],
    ["status = completed failed", "'failed' is one word too many here", 19],
    ["name = 'open", "a quote is not closed here", 7],
    ["status in failed", "'(' and the values is missing here", 10],
  ])("%s", (text, what, at) => {
    let fault: unknown;
    try {
      parseFilter(text);
    } catch (error) {
      fault = error;
    }
    expect(fault).toMatchObject({ code: "TRACKING_BAD_FILTER", message: what });
    expect((fault as TtmError).where?.detail).toEqual([`${" ".repeat(at)}^`]);
    expect(formatError(fault as TtmError)).toContain(text);
  });

  it("runs nothing as code", async () => {
    const filter = parseFilter("$..[?(globalThis.hacked=1)] = 1");
    await filter(run).catch(() => undefined);
    expect(Object.hasOwn(globalThis, "hacked")).toBe(false);
  });
});
