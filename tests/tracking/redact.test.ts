import { mkdtemp, readdir, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  CompositeTracker,
  SimpleExperimentTracker,
  WandbExperimentTracker,
} from "../../src/tracking/index.ts";
import { isSecretKey, redactKeys, redactText } from "../../src/tracking/redact.ts";

afterEach(() => vi.unstubAllEnvs());

describe("keys that name a secret", () => {
  it.each([
    "api_key",
    "apiKey",
    "hub.token",
    "HF_TOKEN",
    "db.password",
    "client_secret",
    "aws_secret_access_key",
    "a.b.authorization",
    "wandb_api_key",
  ])("%s", (key) => expect(isSecretKey(key)).toBe(true));

  it.each([
    "pad_token",
    "eos_token",
    "max_tokens",
    "tokens_per_step",
    "key",
    "secretary",
    "passes",
    "tokenizer",
    "keyword",
  ])("not %s", (key) => expect(isSecretKey(key)).toBe(false));
});

describe("texts that hold a secret", () => {
  it.each([
    ["https://ada:hunter2@host/x", "https://[redacted]@host/x"],
    ["Authorization: Bearer abcdef123456", "Authorization: Bearer [redacted]"],
    [`token hf_${"a".repeat(34)} was used`, "token [redacted] was used"],
    [`ghp_${"A1".repeat(18)}`, "[redacted]"],
    ["s3://b/k?token=abc123&x=1", "s3://b/k?token=[redacted]&x=1"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefgh", "[redacted]"],
    ["nothing to hide: user@host, basic words", "nothing to hide: user@host, basic words"],
  ])("%s", (text, clean) => expect(redactText(text, {})).toBe(clean));

  it("also when only the environment knows that it is one", () => {
    expect(redactText("it said swordfish!", { MLFLOW_TRACKING_PASSWORD: "swordfish" })).toBe(
      "it said [redacted]!",
    );
  });
});

it("goes as deep as the values, and leaves flags and empty ones alone", () => {
  const values = { hub: { token: "x", use_token: true, list: [{ password: "p" }] }, api_key: null, lr: 1e-3 };
  expect(redactKeys(values)).toEqual({
    hub: { token: "[redacted]", use_token: true, list: [{ password: "[redacted]" }] },
    api_key: null,
    lr: 1e-3,
  });
});

it("no file of a run holds a secret that its params, tags, error or summary held", async () => {
  vi.stubEnv("MLFLOW_TRACKING_TOKEN", "value-of-the-environment");
  const secrets = ["value-of-the-environment", "hunter2-by-value", "hunter2-by-key", `hf_${"b".repeat(34)}`];
  const runDir = await mkdtemp(join(tmpdir(), "ttm-redact-"));
  const tracker = new CompositeTracker([
    new SimpleExperimentTracker(),
    new WandbExperimentTracker({ env: {} }),
  ]);
  await tracker.startExperiment({ experimentName: "e", runDir, tags: { note: `uses ${secrets[3]}` } });
  await tracker.logParams({
    tracker: { uri: "http://ada:hunter2-by-value@host", headers: ["Bearer value-of-the-environment"] },
    service: { password: "hunter2-by-key" },
  });
  await tracker.setTags({ api_key: "hunter2-by-key" });
  await tracker.logDataset({ name: "d", digest: "1", source: "https://u:hunter2-by-value@host/data.csv" });
  await tracker.endExperiment({
    status: "failed",
    error: { message: "401 for Bearer value-of-the-environment" },
    summary: { url: "http://ada:hunter2-by-value@host", token: "hunter2-by-key" },
  });
  for (const name of await readdir(runDir, { recursive: true })) {
    const path = join(runDir, name);
    if (!(await stat(path)).isFile()) continue;
    const text = await readFile(path, "latin1");
    for (const secret of secrets) expect(text.includes(secret), `${name} holds ${secret}`).toBe(false);
  }
});
