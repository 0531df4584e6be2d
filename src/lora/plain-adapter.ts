import { float32Tensor, type Tensor } from "../onnx/index.ts";
import { LoraError } from "./errors.ts";
import type { LoraConfig } from "./lora-config.ts";
import type { LoraAdapter } from "./merge-adapters.ts";

const LORA_A = /\.lora_A\.weight$/;
const LORA_B = /\.lora_B\.weight$/;

/**
 * Turns an adapter whose start took a part A₀, B₀ out of the base into one for the untouched base, of twice the rank:
 *
 *     W − s·B₀A₀ + s·BA = W + s·[B −B₀]·[A; A₀]
 *
 * The scale stays: alpha doubles with the rank (√2 with rsLoRA). Everything else, such as DoRA's magnitudes, is kept as it is.
 *
 * @see peft `save_pretrained(path_initial_model_for_weight_conversion=…)`, `LoraModel.subtract_mutated_init`
 */
export function toPlainAdapter(
  { config, tensors }: LoraAdapter,
  start: ReadonlyMap<string, Tensor>,
): LoraAdapter {
  const converted = [...tensors].map(([key, tensor]): [string, Tensor] => {
    const before = start.get(key);
    if (before && LORA_A.test(key)) return [key, stackRows(tensor, before)];
    return before && LORA_B.test(key) ? [key, joinColumns(tensor, before)] : [key, tensor];
  });
  return { config: plainConfig(config), tensors: new Map(converted) };
}

/**
 * The adapter before {@link toPlainAdapter}.
 *
 * @throws {LoraError} LORA_BAD_FILE where it was converted from another start
 */
export function fromPlainAdapter(
  tensors: ReadonlyMap<string, Tensor>,
  start: ReadonlyMap<string, Tensor>,
  where: string,
): ReadonlyMap<string, Tensor> {
  const trained = [...tensors].map(([key, tensor]): [string, Tensor] => {
    const before = start.get(key);
    if (!before || !(LORA_A.test(key) || LORA_B.test(key))) return [key, tensor];
    const isA = LORA_A.test(key);
    const own = isA ? firstRows(tensor, before.shape) : firstColumns(tensor, before.shape);
    const whole = isA ? stackRows(own, before) : joinColumns(own, before);
    if (!whole.data.every((value, index) => value === tensor.data[index])) throw otherStart(key, where);
    return [key, own];
  });
  return new Map(trained);
}

function plainConfig(config: LoraConfig): LoraConfig {
  const factor = config.use_rslora ? Math.SQRT2 : 2;
  const times = (pattern: Readonly<Record<string, number>>, by: number) =>
    Object.fromEntries(Object.entries(pattern).map(([key, value]) => [key, by * value]));
  return {
    ...config,
    r: 2 * config.r,
    lora_alpha: factor * config.lora_alpha,
    rank_pattern: times(config.rank_pattern, 2),
    alpha_pattern: times(config.alpha_pattern, factor),
    init_lora_weights: true,
  };
}

/** [A; A₀]. */
function stackRows(above: Tensor, below: Tensor): Tensor {
  const [rows = 0, columns = 0] = above.shape;
  const data = new Float32Array(2 * rows * columns);
  data.set(above.data as Float32Array);
  data.set(below.data as Float32Array, rows * columns);
  return float32Tensor([2 * rows, columns], data);
}

/** [B −B₀]. */
function joinColumns(left: Tensor, right: Tensor): Tensor {
  const [rows = 0, columns = 0] = left.shape;
  const data = new Float32Array(2 * rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = row * columns + column;
      const to = 2 * row * columns + column;
      data[to] = Number(left.data[from]);
      data[to + columns] = -Number(right.data[from]);
    }
  }
  return float32Tensor([rows, 2 * columns], data);
}

function firstRows({ data }: Tensor, shape: readonly number[]): Tensor {
  const [rows = 0, columns = 0] = shape;
  return float32Tensor(shape, (data as Float32Array).slice(0, rows * columns));
}

function firstColumns({ data }: Tensor, shape: readonly number[]): Tensor {
  const [rows = 0, columns = 0] = shape;
  const at = (index: number) => 2 * columns * Math.floor(index / columns) + (index % columns);
  return float32Tensor(
    shape,
    Array.from({ length: rows * columns }, (_, index) => Number(data[at(index)])),
  );
}

function otherStart(key: string, where: string): LoraError {
  return new LoraError("LORA_BAD_FILE", `'${key}' was not converted from this start`, {
    where,
    fix: "use the base model, the seed and the lora settings that the adapter was trained with",
  });
}
