import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/integration/**/*.test.ts"],
    env: { HF_HUB_OFFLINE: "1", HF_HUB_CACHE: join(tmpdir(), "ttm-tests-without-a-hub") },
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
