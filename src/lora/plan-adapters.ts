import { throwAll } from "../core/index.ts";
import type { Tensor } from "../onnx/index.ts";
import { LoraError } from "./errors.ts";
import type { LoraConfig } from "./lora-config.ts";
import { matchTargets } from "./match-targets.ts";
import { buffers, type LinearModule, type LoraModules, parametersOf } from "./modules.ts";
import { noTarget, notLinear } from "./no-target.ts";
import { contradictions } from "./parse-lora-config.ts";
import { describePlan, type LoraReport } from "./report.ts";
import { resolveScale, type Scale } from "./resolve-scale.ts";

/** A layer that gets an adapter. */
export interface AdapterTarget extends Scale {
  readonly module: LinearModule;
  /** The names of its trained tensors. */
  readonly keys: {
    readonly a: string;
    readonly b: string;
    readonly bBias?: string;
    readonly magnitude?: string;
  };
}

/**
 * A tensor of the adapter: A, B and B's bias, DoRA's magnitude, a bias of the base, a parameter of a saved module. A
 * saved module's batch statistics are stored with it, but not trained.
 */
export interface AdapterTensor {
  readonly role: "A" | "B" | "B.bias" | "magnitude" | "bias" | "saved" | "buffer";
  readonly shape: readonly number[];
  /** The base tensor that it takes the place of, for biases and saved modules. */
  readonly base?: string;
}

/** A tensor that PEFT writes a second time with `bias: all` and `modules_to_save`. */
interface FileEcho {
  readonly key: string;
  readonly of: string;
  /** The untrained value instead of the trained one. */
  readonly original: boolean;
}

/** What an adapter consists of, before any number of it is known. */
export interface AdapterPlan {
  /** The settings with presets and `all-linear` written out, as PEFT stores them. */
  readonly config: LoraConfig;
  readonly targets: readonly AdapterTarget[];
  /** The adapter's tensors under PEFT's names, in a stable order. */
  readonly tensors: ReadonlyMap<string, AdapterTensor>;
  readonly echoes: readonly FileEcho[];
  readonly report: LoraReport;
}

const PEFT_PREFIX = "base_model.model.";

/**
 * Finds the layers that the settings choose and names the tensors to train.
 *
 * @param base  the base model's weights by torch name, or a graph's initializers
 * @throws {LoraError} LORA_NO_TARGET, LORA_NOT_LINEAR, LORA_NO_BIAS, LORA_BAD_RANK, LORA_BAD_CONFIG, LORA_BAD_PATTERN
 */
export function planAdapters(
  given: LoraConfig,
  modules: LoraModules,
  base: ReadonlyMap<string, Tensor>,
): AdapterPlan {
  throwAll(contradictions(given));
  const parameters = parametersOf(base, modules);
  const config = writeOutTargets(given, modules);
  const linear = new Map(modules.linear.map((module) => [module.path, module]));
  const paths = [...new Set([...modules.all, ...linear.keys()])].filter((path) => path !== "");
  const chosen = new Set(matchTargets(paths, config));
  const wrong = [...chosen].filter((path) => !linear.has(path));
  if (chosen.size === 0) throw noTarget(given, modules);
  if (wrong.length > 0) throw notLinear(wrong, modules);
  const targets = modules.linear
    .filter(({ path }) => chosen.has(path))
    .map((module) => planTarget(module, config, base.get(module.weight)));
  const saved = savedModules(paths, config);
  const tensors = new Map([
    ...targets.flatMap(targetTensors),
    ...biasTensors(targets, saved, config, parameters),
    ...savedTensors(saved, base, parameters),
  ]);
  const plan = { config, targets, tensors, echoes: echoesOf(saved, config, parameters) };
  return { ...plan, report: describePlan(plan, given, { paths, saved, parameters }) };
}

/** Presets and `all-linear` become the names of their layers. */
function writeOutTargets(config: LoraConfig, { linear, presets = {} }: LoraModules): LoraConfig {
  const { target_modules: target } = config;
  if (typeof target !== "string") return config;
  const preset = presets[target];
  if (preset) return { ...config, target_modules: [...preset] };
  if (target.toLowerCase() !== "all-linear") return config;
  return { ...config, target_modules: [...(presets["all-linear"] ?? linear.map(({ path }) => path))] };
}

function planTarget(module: LinearModule, config: LoraConfig, weight: Tensor | undefined): AdapterTarget {
  const key = (suffix: string) => `${PEFT_PREFIX}${module.path}.${suffix}`;
  if (config.lora_bias && module.bias === null) throw noBias(module);
  if (weight && weight.dtype !== "float32") throw notFloat32(module, weight);
  return {
    module,
    ...resolveScale(module.path, config),
    keys: {
      a: key("lora_A.weight"),
      b: key("lora_B.weight"),
      ...(config.lora_bias ? { bBias: key("lora_B.bias") } : {}),
      ...(config.use_dora ? { magnitude: key("lora_magnitude_vector") } : {}),
    },
  };
}

function noBias({ path }: LinearModule): LoraError {
  return new LoraError("LORA_NO_BIAS", `lora_bias needs a layer with a bias; '${path}' has none`, {
    where: `module ${path}`,
    fix: `set lora_bias to false, or add '${path}' to exclude_modules`,
  });
}

function notFloat32({ path }: LinearModule, { dtype }: Tensor): LoraError {
  return new LoraError("LORA_UNSUPPORTED", `the weight to adapt is ${dtype}; adapters here need float32`, {
    where: `module ${path}`,
    fix: "convert the base model to float32",
  });
}

function targetTensors({ module, rank, keys }: AdapterTarget): [string, AdapterTensor][] {
  const { inFeatures, outFeatures } = module;
  const tensors: [string, AdapterTensor][] = [
    [keys.a, { role: "A", shape: [rank, inFeatures] }],
    [keys.b, { role: "B", shape: [outFeatures, rank] }],
  ];
  if (keys.bBias) tensors.push([keys.bBias, { role: "B.bias", shape: [outFeatures] }]);
  if (keys.magnitude) tensors.push([keys.magnitude, { role: "magnitude", shape: [outFeatures] }]);
  return tensors;
}

const isBelow = (name: string, module: string) => name.startsWith(`${module}.`);

/** PEFT takes every module whose name *ends* with an entry, without a dot in between; outer ones hold inner ones. */
function savedModules(paths: readonly string[], { modules_to_save: entries }: LoraConfig): string[] {
  const found = paths.filter((path) => entries?.some((entry) => path.endsWith(entry)));
  return found.filter((path) => !found.some((outer) => isBelow(path, outer)));
}

function biasTensors(
  targets: readonly AdapterTarget[],
  saved: readonly string[],
  { bias }: LoraConfig,
  parameters: ReadonlyMap<string, Tensor>,
): [string, AdapterTensor][] {
  if (bias === "none") return [];
  const owner = new Map(targets.flatMap(({ module }) => (module.bias ? [[module.bias, module.path]] : [])));
  const wanted =
    bias === "lora_only"
      ? [...owner.keys()]
      : [...parameters.keys()].filter((name) => name.endsWith(".bias") || name === "bias" || owner.has(name));
  return wanted
    .filter((name) => parameters.has(name) && !saved.some((module) => isBelow(name, module)))
    .map((name) => {
      const path = owner.get(name);
      const key = path === undefined ? name : `${path}.base_layer.bias`;
      return [PEFT_PREFIX + key, { role: "bias", shape: shapeOf(parameters, name), base: name }];
    });
}

function savedTensors(
  saved: readonly string[],
  base: ReadonlyMap<string, Tensor>,
  parameters: ReadonlyMap<string, Tensor>,
): [string, AdapterTensor][] {
  return [...base]
    .filter(([name]) => saved.some((module) => isBelow(name, module)))
    .filter(([name]) => parameters.has(name) || buffers.test(name))
    .map(([name, { shape }]) => {
      const role = parameters.has(name) ? "saved" : "buffer";
      return [PEFT_PREFIX + name, { role, shape, base: name }];
    });
}

/** With `bias: all`, PEFT 0.21 also stores the biases inside of a saved module's wrapper. */
function echoesOf(
  saved: readonly string[],
  { bias }: LoraConfig,
  parameters: ReadonlyMap<string, Tensor>,
): FileEcho[] {
  if (bias !== "all") return [];
  return saved.flatMap((module) =>
    [...parameters.keys()]
      .filter((name) => isBelow(name, module) && name.endsWith(".bias"))
      .flatMap((name) => {
        const inner = name.slice(module.length + 1);
        const wrapper = inner === "bias" ? "modules_to_save" : "modules_to_save.default";
        return [
          { key: `${PEFT_PREFIX}${module}.original_module.${inner}`, of: name, original: true },
          { key: `${PEFT_PREFIX}${module}.${wrapper}.${inner}`, of: name, original: false },
        ];
      }),
  );
}

function shapeOf(parameters: ReadonlyMap<string, Tensor>, name: string): readonly number[] {
  return parameters.get(name)?.shape ?? [];
}
