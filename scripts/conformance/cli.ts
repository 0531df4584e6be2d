import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { PlainValue } from "../../src/config/index.ts";
import { loadYaml, nodeValue, pythonStr } from "../../src/config/index.ts";
import type { CaseFiles, Trees } from "./case-folder.ts";
import { inCaseFolder } from "./case-folder.ts";
import { cliDivergences } from "./cli-divergences.ts";
import { plainWords, quotedSigns } from "./edit-words.ts";
import { sameInfo } from "./info-tables.ts";
import type { ReplayResult } from "./replay.ts";
import { judge } from "./replay.ts";
import { smallApp } from "./small-app.ts";

export interface CliAnswer {
  readonly exit?: number;
  readonly stdout?: string;
  readonly stderr?: unknown;
  readonly files?: Readonly<Record<string, string | null>>;
  /** Selected keys of each `.hydra/hydra.yaml`. */
  readonly hydra?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly candidates?: readonly string[];
}

export interface CliCase extends CaseFiles {
  readonly id: string;
  readonly argv?: readonly string[];
  readonly line?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly app?: { readonly config_path?: string | null; readonly config_name?: string | null };
  readonly compare: readonly string[];
  readonly expect: CliAnswer;
}

export interface CliCorpus {
  readonly trees?: Trees;
  readonly cases: readonly CliCase[];
}

/** Runs each case's command line through a ten-line app and compares what the case names. */
export async function* replayCli(corpus: CliCorpus): AsyncIterable<ReplayResult> {
  for (const bare of corpus.cases) {
    const item = { ...bare, files: bare.files ?? corpus.trees?.[bare.tree ?? ""] ?? {} };
    yield await inCaseFolder(item, {}, async (dir) => {
      const got = await answerOf(item, dir);
      return judge(item, got, cliDivergences(dir, await plainAnswer(item)), canonical);
    });
  }
}

/** Our answer to the same command line in words that Hydra takes too, where the line has others. */
async function plainAnswer(item: CliCase): Promise<CliAnswer | undefined> {
  const words = plainWords(item.argv ?? []);
  if (words === undefined || item.expect.exit === 0) return undefined;
  const said = { ...item, argv: words.map(quotedSigns) };
  const answer = await inCaseFolder(said, {}, (dir) => answerOf(said, dir));
  const text = words.reduce(
    (shown, word) => shown.replaceAll(quotedSigns(word), word),
    JSON.stringify(answer),
  );
  return JSON.parse(text) as CliAnswer;
}

async function answerOf(item: CliCase, dir: string): Promise<CliAnswer> {
  writeFileSync(join(dir, "app.py"), "");
  let stdout = "";
  let stderr = "";
  const inputs = new Set([...Object.keys(item.files ?? {}), "app.py"]);
  const argv = item.line === undefined ? (item.argv ?? []) : ["-sc", "query=bash"];
  const exit = await smallApp(dir, item).main(argv, {
    cwd: dir,
    env: { ...item.env, ...(item.line === undefined ? {} : { COMP_LINE: item.line }) },
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
  });
  const written = filesIn(dir).filter((path) => !inputs.has(path));
  const isHydra = (path: string) => path.endsWith("/hydra.yaml");
  const read = (path: string) => [placeholders(path, dir), readFileSync(join(dir, path), "utf8")] as const;
  return {
    exit,
    stdout: placeholders(stdout, dir),
    stderr,
    files: Object.fromEntries(written.filter((path) => !isHydra(path)).map(read)),
    hydra: Object.fromEntries(written.filter(isHydra).map((path) => hydraEntry(item, ...read(path)))),
    candidates: stdout.split(/\s+/).filter((word) => word !== ""),
  };
}

function filesIn(dir: string): string[] {
  const found = readdirSync(dir, { recursive: true, withFileTypes: true });
  return found.filter((file) => file.isFile()).map((file) => relative(dir, join(file.parentPath, file.name)));
}

const hydraConf = fileURLToPath(new URL("../../src/config/hydra-conf", import.meta.url));

function placeholders(text: string, dir: string): string {
  return text
    .replaceAll(hydraConf, "<HYDRA>")
    .replaceAll(dir, "<DIR>")
    .replace(/\b\d{4}-\d{2}-\d{2}\b/g, "<DATE>")
    .replace(/\b\d{2}-\d{2}-\d{2}\b/g, "<TIME>");
}

/** The recorded keys of a hydra.yaml, read from ours. */
function hydraEntry(item: CliCase, path: string, text: string): [string, Record<string, unknown>] {
  const root = nodeValue(loadYaml(text, path));
  const keys = Object.keys(item.expect.hydra?.[path] ?? {});
  const values = keys.map((key) => [key, plain(valueAt(root, ["hydra", ...key.split(".")]))]);
  return [path, Object.fromEntries(values)];
}

function valueAt(value: PlainValue | undefined, path: readonly string[]): PlainValue | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  return value instanceof Map ? valueAt(value.get(first), rest) : undefined;
}

function plain(value: PlainValue | undefined): unknown {
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [pythonStr(key), plain(item)]));
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === "bigint" ? Number(value) : value;
}

/** The parts of an answer that the case compares, as one text. */
function canonical(answer: CliAnswer, item: CliCase): string {
  const parts: Record<string, () => unknown> = {
    exit: () => (answer.exit === 0 ? "zero" : "not zero"),
    stdout: () => (answer.stdout ?? "").replace(/^\[<STAMP>\].*\n/gm, ""),
    info: () => sameInfo(answer.stdout ?? "", item.argv ?? []),
    files: () => sameFiles(answer.files ?? {}),
    hydra: () => sameHydra(answer.hydra ?? {}),
    candidates: () => [...new Set((answer.candidates ?? []).filter(isOwn))].sort(),
    "candidates-subset": () =>
      (item.expect.candidates ?? []).filter((name) => answer.candidates?.includes(name)),
  };
  return JSON.stringify(Object.fromEntries(item.compare.map((name) => [name, parts[name]?.()])));
}

function isOwn(candidate: string): boolean {
  return !/^[+~]?hydra(?:$|[./])/.test(candidate);
}

/** Every file by path; `sweep.json` and the sweep's log are our addition. Of logs and multirun.yaml only that they are there. */
function sameFiles(files: Readonly<Record<string, string | null>>): [string, string | null][] {
  return Object.entries(files)
    .filter(([path]) => !/\/sweep\.jsonl?$/.test(path))
    .map(([path, text]): [string, string | null] => [path, /\.log$|multirun\.yaml$/.test(path) ? null : text])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function sameHydra(files: NonNullable<CliAnswer["hydra"]>): unknown {
  return Object.entries(files)
    .map(([path, keys]) => {
      const values = Object.entries(keys).map(([key, value]) => [key, sameHydraValue(key, value)]);
      return [path, Object.fromEntries(values.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)))];
    })
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

function sameHydraValue(key: string, value: unknown): unknown {
  if (key === "overrides.hydra" && Array.isArray(value)) {
    return value.filter((word) => !String(word).startsWith("hydra.mode="));
  }
  if (key === "runtime.choices" && typeof value === "object" && value !== null) {
    const own = Object.entries(value).filter(([group, choice]) => !isDefaultHydra(group, choice));
    return own.sort(([a], [b]) => (a < b ? -1 : 1));
  }
  return value;
}

function isDefaultHydra(group: string, choice: unknown): boolean {
  return group.startsWith("hydra/") && ["default", "basic", null].includes(choice as string | null);
}
