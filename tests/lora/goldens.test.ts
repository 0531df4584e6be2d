import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { replayAdapter } from "../../scripts/goldens/adapter.ts";

const shared = process.env["TTM_SHARED"] ?? join(import.meta.dirname, "../../../shared");
const root = join(shared, "goldens");

function adapterCases(): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root).filter((id) => {
    const file = join(root, id, "case.json");
    return existsSync(file) && JSON.parse(readFileSync(file, "utf8")).kind === "adapter";
  });
}

const cases = adapterCases();

if (cases.length === 0) {
  it.skip("adapters that PEFT saved: ../shared/goldens is not there (TTM_SHARED names another place)");
} else {
  it.each(cases)("an adapter that PEFT saved, on the published weights: %s", async (id) => {
    const { ok, skipped, message } = await replayAdapter(join(root, id));
    expect(message).toBe(skipped ? message : "");
    expect(ok).toBe(true);
  });
}
