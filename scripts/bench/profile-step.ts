// Where the time of one piece of a train step goes:  npx tsx scripts/bench/profile-step.ts [all-linear | decoder-head] [WINDOWS]
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ort from "onnxruntime-node";
import { Random } from "../../src/core/index.ts";
import { LoRAManager, parseLoraConfig } from "../../src/lora/index.ts";
import { loadModel } from "../../src/models/index.ts";
import { elementCount, encodeModel, type Graph, inferTypes } from "../../src/onnx/index.ts";
import { buildGradientGraph, layoutParameters, PARAMETERS, packParameters } from "../../src/train/index.ts";
import { sharedFile } from "./shared-file.ts";

const RUNS = 20;
const CHANNELS = 7;

interface KernelEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args: { readonly op_name: string };
}

const [targets = "all-linear", windows = "8"] = process.argv.slice(2);
const { graph, forward, parameters } = stepGraph(targets, Number(windows));
const shares = timesByOp(await profile(graph, parameters), new Set(forward));
print(shares);
printBytes(graph, new Set(forward));

/** The gradient graph, and the values that the forward pass makes in it. */
function stepGraph(names: string, batch: number) {
  const model = loadModel({ path: sharedFile("models/ttm-r2-512-96"), random: Random.fromSeed(0) });
  const config = parseLoraConfig({ peft_type: "LORA", r: 8, lora_alpha: 16, target_modules: names });
  const lora = LoRAManager.create(model, config, Random.fromSeed(0));
  const dropout = { dropout: 0, headDropout: 0 };
  const attached = lora.attach(model.build({ batch, channels: CHANNELS, training: true, dropout }), {
    training: true,
  });
  const layout = layoutParameters(lora.tensors, attached.trainable);
  const gradient = buildGradientGraph({ forward: attached.graph, layout, loss: "mse" });
  const last = gradient.graph.nodes.findIndex(({ outputs }) => outputs.includes("loss"));
  return {
    graph: gradient.graph,
    forward: gradient.graph.nodes.slice(0, last + 1).flatMap(({ outputs }) => outputs),
    parameters: packParameters(layout, lora.tensors),
  };
}

async function profile(step: Graph, values: Float32Array): Promise<readonly KernelEvent[]> {
  const folder = mkdtempSync(join(tmpdir(), "ttm-profile-"));
  const session = await ort.InferenceSession.create(encodeModel(step).model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    enableMemPattern: false,
    enableProfiling: true,
    profileFilePrefix: join(folder, "step"),
  });
  const random = Random.fromSeed(1);
  const feeds = step.inputs.map(({ name, shape }) => {
    const noise = Float32Array.from({ length: elementCount(shape) }, () => random.normal());
    return [name, new ort.Tensor("float32", name === PARAMETERS ? values : noise, shape)];
  });
  for (let run = 0; run < RUNS; run++) await session.run(Object.fromEntries(feeds));
  session.endProfiling();
  const file = readdirSync(folder)[0] as string;
  const events = JSON.parse(readFileSync(join(folder, file), "utf8")) as KernelEvent[];
  rmSync(folder, { recursive: true });
  return events.filter(({ cat, name }) => cat === "Node" && name.endsWith("_kernel_time"));
}

/** Milliseconds of a run by op: in the forward pass with the loss, and on the way back. Of each node its fastest run counts. */
function timesByOp(events: readonly KernelEvent[], made: ReadonlySet<string>): Map<string, [number, number]> {
  const fastest = new Map<string, KernelEvent>();
  for (const event of events) {
    const known = fastest.get(event.name);
    if (!known || event.dur < known.dur) fastest.set(event.name, event);
  }
  const times = new Map<string, [number, number]>();
  for (const { name, dur, args } of fastest.values()) {
    const isForward = made.has(name.slice(0, -"_kernel_time".length));
    const entry = times.get(args.op_name) ?? [0, 0];
    entry[isForward ? 0 : 1] += dur / 1000;
    times.set(args.op_name, entry);
  }
  return times;
}

function print(times: ReadonlyMap<string, readonly [number, number]>): void {
  const total = [...times.values()].reduce((sum, [there, back]) => sum + there + back, 0);
  const rows = [...times].sort(([, a], [, b]) => b[0] + b[1] - a[0] - a[1]);
  console.log(`${total.toFixed(1)} ms of kernels for ${windows} windows of ${CHANNELS} channels, one thread`);
  for (const [op, [there, back]] of rows) {
    const share = (100 * (there + back)) / total;
    console.log(
      `${op.padEnd(20)} ${there.toFixed(2).padStart(6)} ${back.toFixed(2).padStart(6)} ${share.toFixed(1).padStart(5)} %`,
    );
  }
}

/** What the forward pass leaves for the way back. */
function printBytes(step: Graph, made: ReadonlySet<string>): void {
  const types = inferTypes(step);
  const backward = step.nodes.filter(({ outputs }) => !outputs.some((name) => made.has(name)));
  const saved = new Set(backward.flatMap(({ inputs }) => inputs).filter((name) => made.has(name)));
  const bytes = (names: Iterable<string>) =>
    [...names].reduce((sum, name) => sum + 4 * elementCount(types.get(name)?.shape ?? []), 0) / 2 ** 20;
  console.log(
    `${bytes(saved).toFixed(1)} MiB of ${bytes(made).toFixed(1)} MiB of activations are kept for the way back`,
  );
}
