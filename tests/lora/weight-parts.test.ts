import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { LoRAManager, loraDefaults } from "../../src/lora/index.ts";
import { float32Tensor, type Tensor } from "../../src/onnx/index.ts";
import { deviation, mixerGraph, mixerModel, outputOf } from "./mixer-model.ts";

interface Recorded {
  readonly weights: Readonly<Record<string, readonly number[]>>;
  readonly cases: readonly {
    readonly init: string;
    readonly use_rslora: boolean;
    readonly layers: Readonly<
      Record<
        "tall" | "wide",
        Record<"a" | "b" | "base" | "trained_a" | "trained_b" | "merged", readonly number[]>
      >
    >;
  }[];
}

const recorded: Recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, "data/peft-starts.json"), "utf8"),
);
const sizes = { tall: [5, 9], wide: [9, 5] } as const;
const weight = (name: "tall" | "wide") =>
  float32Tensor([sizes[name][1], sizes[name][0]], recorded.weights[`${name}.weight`] ?? []);
const twoLayers = {
  weights: new Map([
    ["tall.weight", weight("tall")],
    ["wide.weight", weight("wide")],
  ]),
  modules: ["tall", "wide"],
  linearModules: (["tall", "wide"] as const).map((path) => ({
    path,
    weight: `${path}.weight`,
    bias: null,
    inFeatures: sizes[path][0],
    outFeatures: sizes[path][1],
  })),
};

/** Both factors up to the signs of their r directions, which a decomposition leaves open. */
function upToSigns(a: readonly number[], b: readonly number[], inFeatures: number): number[][] {
  const rank = a.length / inFeatures;
  return Array.from({ length: rank }, (_, k) => {
    const row = a.slice(k * inFeatures, (k + 1) * inFeatures);
    const column = b.filter((__, index) => index % rank === k);
    const largest = row.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    return [...row, ...column].map((value) => value * Math.sign(largest));
  });
}

describe("a start from the weight itself", () => {
  it.each(recorded.cases)(
    "$init, rsLoRA $use_rslora: A, B and base are PEFT's",
    ({ init, use_rslora, layers }) => {
      const settings = { ...loraDefaults, r: 3, lora_alpha: 4, target_modules: ["tall", "wide"] };
      const adapter = LoRAManager.create(
        twoLayers,
        { ...settings, init_lora_weights: init, use_rslora },
        Random.fromSeed(1),
      );
      for (const name of ["tall", "wide"] as const) {
        const values = (part: string) =>
          Array.from(
            adapter.tensors.get(`base_model.model.${name}.lora_${part}.weight`)?.data as Float32Array,
          );
        const got = upToSigns(values("A"), values("B"), sizes[name][0]);
        const expected = upToSigns(layers[name].a, layers[name].b, sizes[name][0]);
        got.flat().forEach((value, index) => {
          expect(value).toBeCloseTo(expected.flat()[index] ?? 0, 5);
        });
      }
    },
  );

  it.each(recorded.cases)(
    "$init, rsLoRA $use_rslora: values stored by PEFT without conversion merge as in PEFT",
    ({ init, use_rslora, layers }) => {
      const config = {
        ...loraDefaults,
        r: 3,
        lora_alpha: 4,
        target_modules: ["tall", "wide"],
        init_lora_weights: init,
        use_rslora,
      };
      const tensors = (["tall", "wide"] as const).flatMap((name) => {
        const [inFeatures, outFeatures] = sizes[name];
        const { trained_a, trained_b } = layers[name];
        return [
          [`base_model.model.${name}.lora_A.weight`, float32Tensor([3, inFeatures], trained_a)],
          [`base_model.model.${name}.lora_B.weight`, float32Tensor([outFeatures, 3], trained_b)],
        ] as const;
      });
      const { weights } = LoRAManager.from(twoLayers, { config, tensors: new Map(tensors) }).merge();
      for (const name of ["tall", "wide"] as const) {
        for (const [index, value] of layers[name].merged.entries())
          expect(weights.get(`${name}.weight`)?.data[index]).toBeCloseTo(value, 5);
      }
    },
  );

  it("pissa_niter_k comes near to it", () => {
    const settings = { ...loraDefaults, r: 3, target_modules: ["tall"] };
    const [exact, sketched] = ["pissa", "pissa_niter_30"].map((init_lora_weights) =>
      LoRAManager.create(twoLayers, { ...settings, init_lora_weights }, Random.fromSeed(1)),
    );
    const key = "base_model.model.tall.lora_A.weight";
    const [a, b] = [exact, sketched].map((it) => Array.from(it?.tensors.get(key)?.data as Float32Array));
    a?.forEach((value, index) => {
      expect(b?.[index]).toBeCloseTo(value, 4);
    });
  });

  it("refuses a rank above the weight's", () => {
    const config = { ...loraDefaults, r: 6, target_modules: ["tall"], init_lora_weights: "olora" };
    expect(() => LoRAManager.create(twoLayers, config, Random.fromSeed(1))).toThrow(
      expect.objectContaining({ code: "LORA_BAD_RANK", message: expect.stringContaining("at most 5") }),
    );
  });
});

describe("a model that starts from parts of its weights", () => {
  const model = mixerModel();
  const graph = mixerGraph(model);
  const scratch = mkdtempSync(join(tmpdir(), "ttm-parts-"));
  afterAll(() => rmSync(scratch, { recursive: true }));
  const random = Random.fromSeed(7);
  const moved = (tensor: Tensor) =>
    float32Tensor(
      tensor.shape,
      (tensor.data as Float32Array).map((value) => value + random.normal(0.1)),
    );

  const settings = { ...loraDefaults, r: 2, lora_alpha: 5, target_modules: ["fc1", "fc2"] };
  it.each([
    { init_lora_weights: "pissa" },
    { init_lora_weights: "olora" },
    { init_lora_weights: "pissa_niter_3" },
    { init_lora_weights: "pissa", use_rslora: true },
    { init_lora_weights: "pissa", use_dora: true },
    { init_lora_weights: "olora", use_rslora: true, rank_pattern: { fc1: 3 }, alpha_pattern: { fc2: 7 } },
    { init_lora_weights: "pissa", rank_pattern: { fc1: 3 }, alpha_pattern: { fc2: 7 } },
    { init_lora_weights: "pissa", bias: "lora_only", modules_to_save: ["head.out"] },
  ] as const)(
    "%j begins as the base, and is saved for the untouched base with twice the rank",
    async (more) => {
      const fresh = LoRAManager.create(
        model,
        { ...settings, ...more, modules_to_save: more.modules_to_save ? [...more.modules_to_save] : null },
        random,
      );
      const base = await outputOf(graph);
      const outputs = async (adapter: LoRAManager) =>
        outputOf(adapter.attach(graph, { training: false }).graph);
      expect(deviation(await outputs(fresh), base)).toBeLessThan(1e-5);

      const trained = fresh.withTensors(
        new Map([...fresh.tensors].map(([key, value]) => [key, moved(value)])),
      );
      const wanted = await outputs(trained);
      expect(deviation(wanted, base)).toBeGreaterThan(0.01);
      expect(deviation(await outputs(fresh.withTensors(trained.neutral)), base)).toBeLessThan(1e-5);
      expect(trained.merge().selfCheck).toBeLessThan(1e-5);

      const folder = mkdtempSync(join(scratch, "adapter-"));
      await trained.save(folder);
      const loaded = await LoRAManager.load(folder, model);
      expect(loaded.config).toMatchObject({ r: 4, init_lora_weights: true });
      expect(loaded.report.targets.map(({ scale }) => scale.toFixed(9))).toEqual(
        trained.report.targets.map(({ scale }) => scale.toFixed(9)),
      );
      expect(deviation(await outputs(loaded), wanted)).toBeLessThan(1e-5);
      expect((await fresh.restore(folder)).tensors).toEqual(trained.tensors);
    },
  );

  it("does not take back an adapter that was converted from another start", async () => {
    const config = { ...settings, init_lora_weights: "pissa" };
    const folder = mkdtempSync(join(scratch, "adapter-"));
    await LoRAManager.create(model, config, random).save(folder);
    const other = LoRAManager.create(model, { ...config, init_lora_weights: "olora" }, random);
    await expect(other.restore(folder)).rejects.toMatchObject({ code: "LORA_BAD_FILE" });
  });

  it("loads values that belong to such a start, on the base without its part", async () => {
    const config = { ...settings, init_lora_weights: "pissa" };
    const trained = LoRAManager.create(model, config, random);
    const again = LoRAManager.from(model, { config, tensors: trained.tensors });
    const outputs = (adapter: LoRAManager) => outputOf(adapter.attach(graph, { training: false }).graph);
    expect(deviation(await outputs(again), await outputs(trained))).toBeLessThan(1e-6);
  });
});
