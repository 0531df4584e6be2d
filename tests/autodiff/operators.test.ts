import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { gradientOf, opsPage, readOperators } from "../../scripts/ops-page.ts";
import {
  expansions,
  noGradient,
  notDifferentiable,
  rules,
  unsupportedOps,
} from "../../src/autodiff/index.ts";
import { GraphBuilder, ops } from "../../src/onnx/index.ts";

const schema = readOperators();

describe("the operators of the ONNX schema", () => {
  it.each(Object.keys(schema.since))(
    "%s has a rule, an expansion, no gradient on purpose, or advice",
    (op) => {
      expect(gradientOf(op)).toBeDefined();
    },
  );

  it("are said one thing each", () => {
    const said = [
      ...Object.keys(rules),
      ...Object.keys(expansions),
      ...noGradient,
      ...Object.keys(notDifferentiable),
      ...Object.keys(unsupportedOps),
    ];
    expect(said.toSorted()).toEqual([...new Set(said)].sort());
  });

  it("are not called unsupported where graphs can hold them", () => {
    expect(Object.keys(unsupportedOps).filter((op) => Object.hasOwn(ops, op))).toEqual([]);
  });

  it("that are unsupported end in an error that names op and node", () => {
    const b = new GraphBuilder("g");
    const x = b.input("x", "float32", [3]);
    const node = {
      op: "Det",
      domain: "",
      name: "the determinant",
      inputs: [x],
      outputs: ["y"],
      attributes: {},
    };
    expect(() => b.addNode(node)).toThrow(
      expect.objectContaining({
        code: "ONNX_UNKNOWN_OP",
        where: { text: "Det 'the determinant' (float32[3])" },
      }),
    );
  });

  it("stand in docs/ops.md as the tables have them", () => {
    expect(readFileSync(new URL("../../docs/ops.md", import.meta.url), "utf8")).toBe(opsPage(schema));
  });
});
