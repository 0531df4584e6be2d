import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { replayPreprocess } from "../../scripts/goldens/preprocess.ts";
import { noShared, sharedFolder } from "./support.ts";

const goldens = sharedFolder === undefined ? "" : join(sharedFolder, "goldens");
const cases =
  goldens === "" ? ["preprocess-*"] : readdirSync(goldens).filter((name) => name.startsWith("preprocess-"));

test.skipIf(goldens === "").each(cases)(`%s: as granite-tsfm prepares it${noShared}`, async (name) => {
  expect(await replayPreprocess(join(goldens, name))).toEqual({ ok: true, message: "" });
});
