import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    exclude: ["tests/integration/**"],
    typecheck: { enabled: true, include: ["tests/**/*.test-d.ts"] },
    testTimeout: 60_000,
    // No test asks a hub that is not its own, nor finds what the user has fetched from it.
    env: { HF_HUB_OFFLINE: "1", HF_HUB_CACHE: join(tmpdir(), "ttm-tests-without-a-hub") },
    // Its module build has folder imports that Node does not follow.
    server: { deps: { inline: ["clipanion"] } },
  },
});
