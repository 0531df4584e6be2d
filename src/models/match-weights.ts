import { closestNames } from "../core/index.ts";
import type { Tensor } from "../onnx/index.ts";
import { ModelError } from "./errors.ts";
import type { ParameterSpec } from "./module-spec.ts";

const shown = 12;

/**
 * Holds the tensors of a file against those a configuration asks for: none missing, none left over, all of the right
 * shape and type.
 *
 * @throws {ModelError} MODEL_WEIGHTS_MISMATCH that lists them all, with the nearest names
 */
export function matchWeights(
  expected: readonly ParameterSpec[],
  found: ReadonlyMap<string, Tensor>,
  file: string,
): void {
  const wanted = new Map(expected.map((parameter) => [parameter.name, parameter]));
  const missing = expected.filter(({ name }) => !found.has(name));
  const unexpected = [...found.keys()].filter((name) => !wanted.has(name));
  const unlike = expected.filter(({ name, shape, dtype }) => {
    const tensor = found.get(name);
    return tensor && (tensor.shape.join() !== shape.join() || tensor.dtype !== dtype);
  });
  if (missing.length + unexpected.length + unlike.length === 0) return;
  const lines = [
    ...unlike.map(
      (parameter) =>
        `${parameter.name}: expected ${show(parameter)}, the file has ${show(found.get(parameter.name))}`,
    ),
    ...missing.map(
      (parameter) => `missing ${parameter.name} ${show(parameter)}${nearest(parameter.name, unexpected)}`,
    ),
    ...unexpected.map(
      (name) =>
        `unexpected ${name} ${show(found.get(name))}${nearest(
          name,
          missing.map((p) => p.name),
        )}`,
    ),
  ];
  const counts = [
    [missing.length, "missing"],
    [unexpected.length, "unexpected"],
    [unlike.length, "of another shape or type"],
  ].filter(([count]) => count !== 0);
  const detail =
    lines.length > shown ? [...lines.slice(0, shown), `… and ${lines.length - shown} more`] : lines;
  throw new ModelError(
    "MODEL_WEIGHTS_MISMATCH",
    `the weights do not fit the configuration: ${counts.map(([count, what]) => `${count} ${what}`).join(", ")}`,
    {
      where: { text: file, detail },
      fix: "use the config.json that was saved with these weights, and overrides that keep the shapes of its layers",
    },
  );
}

function show(type: Pick<Tensor, "dtype" | "shape"> | undefined): string {
  return type ? `${type.dtype}[${type.shape.join(", ")}]` : "–";
}

function nearest(name: string, candidates: readonly string[]): string {
  const names = closestNames(name, candidates, 1);
  return names.length > 0 ? ` (nearest: ${names[0]})` : "";
}
