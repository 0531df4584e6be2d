// Puts a pretrained model among those that ship with the package, in half precision:
//   npx tsx scripts/ship-weights.ts experiments/ttm_r2-pretrained/TIME/model data/weights/ttm-r2-512-96
import { copyFileSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { halfTensor, readSafetensors, type Tensor, writeSafetensors } from "../src/onnx/index.ts";

/** What a shipped file may weigh. */
const MOST_BYTES = 2e6;

const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined) throw new Error("usage: ship-weights.ts MODEL_FOLDER TO_FOLDER");

mkdirSync(to, { recursive: true });
const { tensors } = readSafetensors(join(from, "model.safetensors"));
const half = (tensor: Tensor) => (tensor.dtype === "float32" ? halfTensor(tensor, "float16") : tensor);
const file = join(to, "model.safetensors");
await writeSafetensors(file, new Map([...tensors].map(([name, tensor]) => [name, half(tensor)])), {
  format: "pt",
});
for (const name of ["config.json", "README.md"]) copyFileSync(join(from, name), join(to, name));
const { size } = statSync(file);
if (size > MOST_BYTES) throw new Error(`${file} has ${size} bytes, more than ${MOST_BYTES}`);
process.stdout.write(`${file}: ${size} bytes\n`);
