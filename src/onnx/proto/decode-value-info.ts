import { OnnxError } from "../errors.ts";
import type { DType, ValueInfo } from "../graph.ts";
import { dtypeOfCode, nameOfCode } from "./data-types.ts";
import type { TensorShapeProto_Dimension, ValueInfoProto } from "./generated/onnx-ml_pb.js";

/** A graph input or output as the file declares it: `unknown` names the dimensions that have no size. */
export interface DeclaredValue {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Names as `decodeModel`'s `dimensions` takes them: `batch`, or `x[0]` for one without a name. */
  readonly unknown: readonly string[];
  /** False where the file says the element type only. */
  readonly hasShape: boolean;
}

/** @throws {OnnxError} ONNX_UNSUPPORTED for sequences, maps, optionals, sparse tensors and other element types */
export function decodeValueInfo(
  proto: ValueInfoProto,
  role: "input" | "output",
  dimensions: Readonly<Record<string, number>>,
): DeclaredValue {
  const where = `graph ${role} '${proto.name}'`;
  const type = proto.type?.value;
  if (type?.case !== "tensorType") {
    const kind = type?.case?.replace("Type", "") ?? "untyped value";
    throw new OnnxError("ONNX_UNSUPPORTED", `a graph ${role} must be a tensor, not a ${kind}`, {
      where,
      fix: "export the model with plain tensors as inputs and outputs",
    });
  }
  const dtype = dtypeOfCode(type.value.elemType);
  if (dtype === undefined) {
    throw new OnnxError(
      "ONNX_UNSUPPORTED",
      `element type ${nameOfCode(type.value.elemType)} is not supported`,
      {
        where,
        fix: "export the model in float32, without quantization",
      },
    );
  }
  const unknown: string[] = [];
  const shape = (type.value.shape?.dim ?? []).map((dimension, axis) => {
    const size = sizeOf(dimension, `${proto.name}[${axis}]`, dimensions);
    if (typeof size === "number") return size;
    unknown.push(size);
    return -1;
  });
  return { name: proto.name, dtype, shape, unknown, hasShape: type.value.shape !== undefined };
}

/** The size, or the name under which it must be given. */
function sizeOf(
  dimension: TensorShapeProto_Dimension,
  place: string,
  dimensions: Readonly<Record<string, number>>,
): number | string {
  const { case: kind, value } = dimension.value;
  if (kind === "dimValue" && value >= 0n) return Number(value);
  const name = kind === "dimParam" && value !== "" ? value : place;
  return dimensions[name] ?? dimensions[place] ?? name;
}

/** @throws {OnnxError} ONNX_SYMBOLIC_SHAPE naming every dimension without a size */
export function requireStatic(
  values: readonly DeclaredValue[],
  role: "input" | "output",
): readonly ValueInfo[] {
  const shapeless = values.find((value) => !value.hasShape);
  if (shapeless) {
    throw new OnnxError("ONNX_SYMBOLIC_SHAPE", `the ${role} '${shapeless.name}' has no shape`, {
      where: `graph ${role} '${shapeless.name}'`,
      fix: "export the model with shapes",
    });
  }
  const open = values.filter((value) => value.unknown.length > 0);
  if (open.length > 0) {
    const names = [...new Set(open.flatMap((value) => value.unknown))];
    const verb = names.length === 1 ? "dimension has" : "dimensions have";
    throw new OnnxError("ONNX_SYMBOLIC_SHAPE", `${names.length} ${verb} no size: ${names.join(", ")}`, {
      where: open.map((value) => `graph ${role} '${value.name}' [${describeShape(value)}]`).join("; "),
      fix: `give a size for each: { dimensions: { ${names.map((name) => `${quoted(name)}: 1`).join(", ")} } }`,
    });
  }
  return values.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
}

function describeShape(value: DeclaredValue): string {
  const names = [...value.unknown];
  return value.shape.map((size) => (size === -1 ? names.shift() : size)).join(", ");
}

function quoted(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}
