/** What a place in the hydra node may hold. A `?` allows null. Interpolations and `???` fit everywhere. */
export type Shape =
  | "any"
  | "str"
  | "str?"
  | "int"
  | "bool?"
  | { readonly oneOf: readonly string[] }
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };

const names: Shape = { list: "str" };
const logging: Shape = { map: "any" };

/** The hydra node: keys that are not here are refused. */
export const hydraShape: Shape = {
  fields: {
    mode: { oneOf: ["RUN", "MULTIRUN"] },
    searchpath: names,
    run: { fields: { dir: "str" } },
    sweep: { fields: { dir: "str", subdir: "str" } },
    hydra_logging: logging,
    job_logging: logging,
    sweeper: "any",
    launcher: "any",
    callbacks: logging,
    help: { fields: { app_name: "str", header: "str", footer: "str", template: "str" } },
    hydra_help: { fields: { hydra_help: "str", template: "str" } },
    output_subdir: "str?",
    overrides: { fields: { hydra: names, task: names } },
    job: {
      fields: {
        name: "str",
        chdir: "bool?",
        override_dirname: "str",
        id: "str",
        num: "int",
        config_name: "str?",
        env_set: { map: "str" },
        env_copy: names,
        config: {
          fields: { override_dirname: { fields: { kv_sep: "str", item_sep: "str", exclude_keys: names } } },
        },
      },
    },
    runtime: {
      fields: {
        version: "str",
        version_base: "str?",
        cwd: "str",
        config_sources: { list: "any" },
        choices: { map: "any" },
        output_dir: "str",
      },
    },
    env: "any",
    verbose: "any",
  },
};

/** The shape of a place in the hydra node; undefined where it has none. */
export function shapeAt(keys: readonly string[]): Shape | undefined {
  return keys.reduce<Shape | undefined>((shape, key) => {
    if (typeof shape !== "object") return shape === "any" ? "any" : undefined;
    if ("map" in shape) return shape.map;
    if ("list" in shape) return shape.list;
    return "fields" in shape && Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
  }, hydraShape);
}
