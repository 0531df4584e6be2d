import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { replayCurve } from "../../../scripts/goldens/curve.ts";
import { replayForward } from "../../../scripts/goldens/forward.ts";
import { replayGradients } from "../../../scripts/goldens/gradients.ts";
import { goldens, noShared, sharedFolder } from "../support.ts";

const own = join(import.meta.dirname, "data");
const passed = { ok: true, message: "" };

describe("Chronos-Bolt computes what Amazon's code and PEFT compute", () => {
  it.each(goldens(own, /-grad/))("%s", async (folder) => {
    expect(await replayGradients(folder)).toEqual(passed);
  });

  it.each(goldens(own, /-curve/))("%s", async (folder) => {
    expect(await replayCurve(folder)).toEqual(passed);
  });
});

const shared = goldens(sharedFolder && join(sharedFolder, "goldens"), /^bolt-forward/);

describe.skipIf(shared.length === 0)(
  `Amazon's test checkpoint computes what their code does${noShared}`,
  () => {
    it.each(shared)("%s", async (folder) => {
      expect(await replayForward(folder)).toEqual(passed);
    });
  },
);
