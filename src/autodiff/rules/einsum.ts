import { parseEinsum } from "../../onnx/index.ts";
import { type Rule, type RuleContext, refuse, when } from "../rule.ts";

/**
 * The cotangent of one factor is the Einsum of g and the other factors. Letters of that factor which stand nowhere else
 * were summed on their own: there the cotangent is the same along them.
 */
function cotangent(c: RuleContext, letters: readonly string[], output: string, index: number): string {
  const { b } = c;
  const own = letters[index] as string;
  if (new Set(own).size !== own.length)
    return refuse(c, `'${own}' names an axis twice`, "take the diagonal with GatherND");
  const others = letters.filter((_, place) => place !== index);
  const reachable = new Set([...output, ...others.join("")]);
  const kept = [...own].filter((letter) => reachable.has(letter)).join("");
  const factors = c.x.filter((_, place) => place !== index);
  const product = b.op("Einsum", [c.g, ...factors], {
    equation: `${[output, ...others].join(",")}->${kept}`,
  });
  const shape = b.shape(c.x[index] as string);
  if (kept === own) return product;
  const aligned = b.reshape(
    product,
    [...own].map((letter, axis) => (kept.includes(letter) ? (shape[axis] as number) : 1)),
  );
  return b.op("Expand", [aligned, b.integers(shape)]);
}

const einsum: Rule = (c) => {
  const attribute = c.node.attributes["equation"];
  const equation = attribute?.type === "string" ? parseEinsum(attribute.value) : undefined;
  if (!equation) return refuse(c, "the equation cannot be read", "use letters, commas and -> only");
  return c.x.map((_, index) => when(c, index, () => cotangent(c, equation.inputs, equation.output, index)));
};

export const einsumRules = { Einsum: einsum } satisfies Record<string, Rule>;
