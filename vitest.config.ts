import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    exclude: ["tests/integration/**"],
    typecheck: { enabled: true, include: ["tests/**/*.test-d.ts"] },
    testTimeout: 60_000,
    // Its module build has folder imports that Node does not follow.
    server: { deps: { inline: ["clipanion"] } },
  },
});
