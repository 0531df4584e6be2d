import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { hubAccess } from "../../../src/models/index.ts";

it("goes to the hub and the cache that all of its libraries use", () => {
  const { hubUrl, cacheDir, offline } = hubAccess({});
  expect(hubUrl).toBe("https://huggingface.co");
  expect(cacheDir).toBe(join(homedir(), ".cache/huggingface/hub"));
  expect(offline).toBe(false);
});

it.each([
  [{ HF_HOME: "/h" }, "/h/hub"],
  [{ XDG_CACHE_HOME: "/x" }, "/x/huggingface/hub"],
  [{ HUGGINGFACE_HUB_CACHE: "/old", HF_HOME: "/h" }, "/old"],
  [{ HF_HUB_CACHE: "/c", HUGGINGFACE_HUB_CACHE: "/old" }, "/c"],
])("keeps files where %j says: %s", (env, folder) => {
  expect(hubAccess(env).cacheDir).toBe(folder);
});

it("takes a mirror, and offline in each spelling", () => {
  expect(hubAccess({ HF_ENDPOINT: "https://mirror.example/" }).hubUrl).toBe("https://mirror.example");
  for (const value of ["1", "ON", "yes", "True"])
    expect(hubAccess({ HF_HUB_OFFLINE: value }).offline).toBe(true);
  expect(hubAccess({ HF_HUB_OFFLINE: "0" }).offline).toBe(false);
});

it("reads the token from the environment, or from the file that a login leaves", () => {
  const home = mkdtempSync(join(tmpdir(), "ttm-token-"));
  writeFileSync(join(home, "token"), "hf_saved\n");
  expect(hubAccess({ HF_HOME: home }).token).toBe("hf_saved");
  expect(hubAccess({ HF_HOME: home, HF_TOKEN: "hf_set" }).token).toBe("hf_set");
  rmSync(home, { recursive: true });
  expect(hubAccess({ HF_HOME: home }).token).toBeUndefined();
});
