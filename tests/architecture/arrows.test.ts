import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const source = fileURLToPath(new URL("../../src", import.meta.url));

/** Who may import whom, besides `core`, which everybody may. A room not listed here does not exist. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: [],
  sweep: ["config"],
  launch: ["config", "sweep"],
  app: ["config", "sweep", "launch"],
  onnx: [],
  autodiff: ["onnx"],
  optim: ["onnx"],
  runtime: ["onnx"],
  lora: ["onnx"],
  models: ["onnx"],
  data: [],
  tracking: [],
  train: ["onnx", "autodiff", "optim", "runtime", "lora", "models", "data"],
  experiment: [
    "config",
    "sweep",
    "launch",
    "app",
    "onnx",
    "autodiff",
    "optim",
    "runtime",
    "lora",
    "models",
    "data",
    "tracking",
    "train",
  ],
  cli: ["experiment", "app", "config", "tracking"],
};

/** Which rooms an outside package enters through; zod is a room's own `schema.ts`. */
const packages: Readonly<Record<string, readonly string[]>> = {
  "@huggingface/hub": ["models"],
  "@bufbuild/protobuf": ["onnx", "tracking"],
  "cli-table3": ["app", "cli"],
  clipanion: ["cli"],
  "fastest-levenshtein": ["core"],
  "jsonpath-plus": ["config", "app", "tracking"],
  "ml-matrix": ["lora"],
  "log-update": ["app", "cli"],
  "onnxruntime-common": ["runtime"],
  "onnxruntime-node": ["runtime"],
  papaparse: ["data"],
  "pure-rand": ["core"],
  typanion: ["cli"],
  undici: ["tracking", "data"],
  "write-file-atomic": [
    "config",
    "launch",
    "data",
    "tracking",
    "experiment",
    "lora",
    "onnx",
    "train",
    "sweep",
    "models",
  ],
  yaml: ["config"],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly specifier: string;
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\b[^"';]*?from\s*"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|(?:^|\n)import\s+"([^"]+)"/g;

function imports(): Import[] {
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
  return files.flatMap((path) => {
    const file = relative(source, path).split(sep).join("/");
    const from = file.includes("/") ? (file.split("/")[0] as string) : "(door)";
    return [...readFileSync(path, "utf8").matchAll(importPattern)].map((match) => ({
      file,
      from,
      specifier: (match[1] ?? match[2] ?? match[3]) as string,
    }));
  });
}

const all = imports();
const local = all.filter(({ specifier }) => specifier.startsWith("."));
const outside = all.filter(({ specifier }) => !specifier.startsWith(".") && !specifier.startsWith("node:"));

function target({ file, specifier }: Import): string {
  return normalize(join(dirname(file), specifier))
    .split(sep)
    .join("/");
}

describe("the arrows between rooms", () => {
  it("sees the source", () => {
    expect(local.length).toBeGreaterThan(100);
    expect(outside.length).toBeGreaterThan(10);
  });

  it("lists every room", () => {
    const folders = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(rooms).sort());
  });

  it("holds: a room imports only what its row allows", () => {
    const wrong = local
      .filter(({ from }) => from !== "(door)")
      .flatMap((one) => {
        const to = target(one).split("/")[0] as string;
        const allowed = rooms[one.from] ?? [];
        if (to === one.from || to === "core" || allowed.includes(to)) return [];
        return [`src/${one.file} imports ${to}; ${one.from} may import ${["core", ...allowed].join(", ")}`];
      });
    expect(wrong).toEqual([]);
  });

  it("leads through doors: another room is imported by its index.ts", () => {
    const wrong = local.flatMap((one) => {
      const to = target(one);
      const room = to.split("/")[0] as string;
      return room === one.from || to === `${room}/index.ts`
        ? []
        : [`src/${one.file} imports ${to}, not ${room}/index.ts`];
    });
    expect(wrong).toEqual([]);
  });

  it("lets an outside package in through its own rooms only", () => {
    const wrong = outside.flatMap(({ file, from, specifier }) => {
      const name = specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/");
      if (name === "zod") return [];
      return packages[name]?.includes(from)
        ? []
        : [`src/${file} imports ${name}; it enters through ${packages[name] ?? "no room"}`];
    });
    expect(wrong).toEqual([]);
  });
});
