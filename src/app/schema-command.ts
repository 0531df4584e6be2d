import { readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { z } from "zod";
import type { Composition } from "../config/index.ts";
import { parseConfigFile } from "../config/index.ts";
import { didYouMean } from "../core/index.ts";
import { makeFolder, writeText } from "../launch/index.ts";
import { AppComposer } from "./app-composer.ts";
import { commandList } from "./command-list.ts";
import type { AppCommand, CommandApp } from "./commands.ts";
import { withEditorComment } from "./editor-comment.ts";
import { editorSchema, type JsonSchema, schemaAt } from "./editor-schema.ts";
import { AppError } from "./errors.ts";
import type { CommandLine } from "./parse-words.ts";
import { parseWords } from "./parse-words.ts";

/** The folder, in the config folder, that `--write` fills. */
const FOLDER = ".schema";
/** The schema of files that stand at the root; no package has this name. */
const ROOT_NAME = "_global_";

/**
 * `schema`: the JSON Schema of the composed config; with `--group` that of the files of one group; with `--write` one
 * for each kind of file in the app's config folder, and the comment in each file that leads editors to it.
 */
export const schemaCommand: AppCommand = {
  async run(app, words) {
    const { group, write, line } = schemaWords(words, `${app.options.name} ${commandList.schema.usage}`);
    const whole = await wholeSchema(app);
    const composer = new AppComposer(app.options, line, app.host);
    if (write) {
      writeSchemas(app, whole, composer.compose({ allowMissingChoices: true }));
      return 0;
    }
    const shown =
      group === undefined
        ? editorSchema(whole, { partial: false, fileKeys: [] })
        : groupSchema(whole, composer.compose({ allowMissingChoices: true }), group);
    app.host.stdout(schemaText(shown));
    return 0;
  },
};

interface SchemaWords {
  readonly group: string | undefined;
  readonly write: boolean;
  readonly line: CommandLine;
}

function schemaWords(words: readonly string[], usage: string): SchemaWords {
  const rest: string[] = [];
  let group: string | undefined;
  let write = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--write") write = true;
    else if (word.startsWith("--group=")) group = word.slice("--group=".length);
    else if (word === "--group") group = words[++at] ?? "";
    else rest.push(word);
  }
  if (group === "" || (write && group !== undefined)) {
    throw new AppError("APP_COMMAND_USAGE", "--group takes a group's name, and --write all groups", {
      where: ["schema", ...words].join(" "),
      fix: usage,
    });
  }
  return { group, write, line: parseWords(rest) };
}

async function wholeSchema({ options }: CommandApp): Promise<JsonSchema> {
  const schema = typeof options.schema === "function" ? await options.schema() : options.schema;
  if (schema === undefined) {
    throw new AppError("APP_NO_SCHEMA", `${options.name} has no schema of its config`, {
      fix: "defineApp({ schema: z.strictObject({ … }), … })",
    });
  }
  return jsonSchema(schema);
}

async function jsonSchema(schema: z.ZodType): Promise<JsonSchema> {
  const { z: zod } = await import("zod");
  return zod.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
}

function groupSchema(whole: JsonSchema, composition: Composition, group: string): JsonSchema {
  const name = group.replace(/^\/|\/$/g, "");
  const [first] = composition.groupOptions(name);
  if (first === undefined) {
    throw new AppError("APP_NO_SCHEMA", `there is no config group '${group}'`, {
      where: `--group ${group}`,
      fix: didYouMean(name, composition.groups()) ?? `the groups are: ${composition.groups().join(", ")}`,
    });
  }
  const pkg = packageOf(composition, `${name}/${first}`, headerOf(composition, `${name}/${first}`));
  const schema = fileSchema(whole, pkg);
  if (schema !== undefined) return schema;
  throw new AppError("APP_NO_SCHEMA", `the schema says nothing about '${pkg}', where '${group}' goes`, {
    where: `--group ${group}`,
    fix: "add that key to the app's schema",
  });
}

/** The schema of a file whose content goes to a package; undefined where there is none. */
function fileSchema(whole: JsonSchema, pkg: string): JsonSchema | undefined {
  const part = schemaAt(whole, pkg === "" ? [] : pkg.split("."));
  return part === undefined
    ? undefined
    : editorSchema(part, { partial: true, fileKeys: pkg === "" ? ["defaults", "hydra"] : ["defaults"] });
}

/** Where a file's content goes: as its header says, as the composed defaults list says, or as its group is called. */
function packageOf(composition: Composition, path: string, header: string | null): string {
  const used = composition.defaultsList.find((item) => item.path === path);
  if (used !== undefined) return used.package;
  const group = path.split("/").slice(0, -1);
  if (header === null || header === "_group_") return group.join(".");
  return header === "_global_" ? "" : header.replaceAll("_group_", group.join("."));
}

/** The package in a file's header; null without one. */
function headerOf({ searchPath }: Composition, path: string): string | null {
  for (const source of searchPath) {
    const file = join(source.path, `${path}.yaml`);
    const text = readText(file);
    if (text !== undefined) return parseConfigFile(text, file).package;
  }
  return null;
}

function writeSchemas({ host }: CommandApp, whole: JsonSchema, composition: Composition): void {
  const source = composition.searchPath.find(({ provider }) => provider === "main");
  if (source === undefined) {
    throw new AppError("APP_NO_SCHEMA", "the app has no config folder to write to", {
      fix: "leave --write out",
    });
  }
  const written = new Set<string>();
  makeFolder(join(source.path, FOLDER));
  for (const path of configFiles(composition)) {
    const file = join(source.path, `${path}.yaml`);
    const text = readText(file);
    if (text === undefined) continue;
    const pkg = packageOf(composition, path, parseConfigFile(text, file).package);
    const schema = fileSchema(whole, pkg);
    if (schema === undefined) {
      host.stderr(`${path}: the schema says nothing about '${pkg}'; left as it is\n`);
      continue;
    }
    const target = join(source.path, FOLDER, `${pkg || ROOT_NAME}.json`);
    if (!written.has(target)) writeText(target, schemaText(schema));
    written.add(target);
    const commented = withEditorComment(text, relative(dirname(file), target).split(sep).join("/"));
    if (commented !== text) writeText(file, commented);
  }
  host.stdout(
    `${[...written]
      .sort()
      .map((file) => `${relative(host.cwd, file)}\n`)
      .join("")}`,
  );
}

/** Every config of the app's own groups, and those at the root. */
function configFiles(composition: Composition): string[] {
  const groups = ["", ...composition.groups()].filter(
    (group) => group !== "hydra" && !group.startsWith("hydra/"),
  );
  return groups.flatMap((group) =>
    composition.groupOptions(group).map((option) => (group === "" ? option : `${group}/${option}`)),
  );
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Another folder of the search path has it.
    return undefined;
  }
}

function schemaText(schema: JsonSchema): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
