import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { LoRAManager, loraDefaults, switchableGraph } from "../../src/lora/index.ts";
import { float32Tensor, type Tensor } from "../../src/onnx/index.ts";
import { createSession, type Session } from "../../src/runtime/index.ts";
import { baseOutput, deviation, mixerGraph, mixerModel, outputOf } from "./mixer-model.ts";

const model = mixerModel();
const graph = mixerGraph(model);
const random = Random.fromSeed(3);

/** An adapter with values as after training. */
function adapter(settings: Partial<typeof loraDefaults>): LoRAManager {
  const fresh = LoRAManager.create(model, { ...loraDefaults, r: 2, ...settings }, random);
  const moved = [...fresh.tensors].map(
    ([key, { shape, data }]) =>
      [
        key,
        float32Tensor(
          shape,
          Array.from(data as Float32Array, (value) => value + random.normal(0.2)),
        ),
      ] as const,
  );
  return fresh.withTensors(new Map(moved));
}

const adapters = {
  plain: adapter({ target_modules: ["fc1", "fc2"], lora_alpha: 5 }),
  wide: adapter({ target_modules: ["fc2", "head.out"], r: 4, use_rslora: true }),
  dora: adapter({ target_modules: ["fc1", "attn_layer"], use_dora: true }),
  trained: adapter({ target_modules: ["fc1"], bias: "all", modules_to_save: ["head.wide"] }),
  pissa: adapter({ target_modules: ["fc1"], init_lora_weights: "pissa" }),
  "with a bias on B": adapter({ target_modules: ["fc1"], lora_bias: true }),
};
const all = Object.values(adapters) as [LoRAManager, ...LoRAManager[]];

describe("one session for several adapters", () => {
  const switchable = switchableGraph(graph, all);
  let session: Session;
  beforeAll(async () => {
    session = await createSession(switchable.graph);
  });
  afterAll(() => session.release());
  const run = async (one: LoRAManager | null) =>
    (await session.run({ x: baseOutput.get("x") as Tensor, ...switchable.feeds(one) }))["y"] as Tensor;

  it.each(Object.entries(adapters))("%s: what the adapter computes by itself", async (_, one) => {
    const wanted = await outputOf(one.attach(graph, { training: false }).graph);
    expect(deviation(await run(one), wanted)).toBeLessThan(1e-5);
    expect(deviation(wanted, await outputOf(graph))).toBeGreaterThan(0.01);
  });

  it("null: what the base computes, also after an adapter", async () => {
    await run(adapters.wide);
    expect(deviation(await run(null), await outputOf(graph))).toBeLessThan(1e-6);
  });

  it("takes an adapter that came later, where there is room for it", async () => {
    const later = adapter({ target_modules: ["head.out"], r: 3, lora_alpha: 2 });
    const wanted = await outputOf(later.attach(graph, { training: false }).graph);
    expect(deviation(await run(later), wanted)).toBeLessThan(1e-5);
  });

  it("says where there is none", () => {
    const narrow = switchableGraph(graph, [adapters.plain], { rank: 3 });
    const refusal = (one: LoRAManager) => {
      expect(() => narrow.feeds(one)).toThrow(expect.objectContaining({ code: "LORA_DOES_NOT_FIT" }));
    };
    refusal(adapters.wide);
    refusal(adapters.dora);
    refusal(adapter({ target_modules: ["fc1"], r: 4 }));
    expect(narrow.feeds(adapter({ target_modules: ["fc1"], r: 3 }))).toBeDefined();
  });
});
