// Writes docs/ops.md from the op and gradient tables:  npx tsx scripts/ops-page.ts
import { readFileSync, writeFileSync } from "node:fs";
import { expansions, noGradient, notDifferentiable, rules, unsupportedOps } from "../src/autodiff/index.ts";

interface Operators {
  readonly since: Readonly<Record<string, number>>;
}

/** What is said of one operator of the ONNX schema. */
export function gradientOf(op: string): string | undefined {
  if (Object.hasOwn(rules, op)) return "rule";
  if (Object.hasOwn(expansions, op)) return "expanded into others";
  if ((noGradient as readonly string[]).includes(op)) return "none, on purpose";
  const advice: Readonly<Record<string, string>> = { ...unsupportedOps, ...notDifferentiable };
  return Object.hasOwn(advice, op) ? `not supported: ${advice[op]}` : undefined;
}

/** The page, from the names of the schema's operators. */
export function opsPage({ since }: Operators): string {
  const rows = Object.entries(since).map(([op, version]) => `| ${op} | ${version} | ${gradientOf(op)} |`);
  return [
    "# Operators",
    "",
    "Every operator of the ONNX schema (1.23), the opset that brought it, and what `grad` does with it. Made from the tables in",
    "`src/onnx/ops` and `src/autodiff/rules` by `npx tsx scripts/ops-page.ts`; a test holds the two together.",
    "",
    "| operator | since opset | gradient |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

/** The schema's operators, as recorded. */
export function readOperators(): Operators {
  return JSON.parse(
    readFileSync(new URL("../tests/autodiff/data/onnx-operators.json", import.meta.url), "utf8"),
  );
}

if (process.argv[1] && import.meta.filename === process.argv[1]) {
  writeFileSync(new URL("../docs/ops.md", import.meta.url), opsPage(readOperators()));
}
