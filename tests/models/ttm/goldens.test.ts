import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { replayForward } from "../../../scripts/goldens/forward.ts";
import { dataFolder, goldens, noShared, sharedFolder } from "../support.ts";

describe("TTM computes what IBM's code computes", () => {
  it.each(goldens(dataFolder, /^ttm-/))("%s", async (folder) => {
    expect(await replayForward(folder)).toEqual({ ok: true, message: "" });
  });
});

const shared = goldens(sharedFolder && join(sharedFolder, "goldens"), /^ttm-(tiny-)?forward/);

describe.skipIf(shared.length === 0)(`TTM-R2 computes what IBM's code computes${noShared}`, () => {
  it.each(shared)("%s", async (folder) => {
    expect(await replayForward(folder)).toEqual({ ok: true, message: "" });
  });
});
