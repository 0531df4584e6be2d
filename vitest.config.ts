import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    exclude: ["tests/integration/**"],
    typecheck: { enabled: true, include: ["tests/**/*.test-d.ts"] },
    testTimeout: 60_000,
  },
});
