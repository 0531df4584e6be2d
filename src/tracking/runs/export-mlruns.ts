import { createHash } from "node:crypto";
import { appendFileSync, existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import writeFileAtomic from "write-file-atomic";
import { TrackingError } from "../errors.ts";
import { paramText } from "../flatten-params.ts";
import type { ArtifactRecord, MetricsRecord, ModelRecord } from "../journal/journal-record.ts";
import { readJournal } from "../journal/read-journal.ts";
import { cleanName } from "../mlflow/clean-name.ts";
import { asMetrics } from "../mlflow/journal-groups.ts";
import { NameBook } from "../mlflow/name-book.ts";
import { runTags } from "../mlflow/run-tags.ts";
import type { FoundRun } from "../run/find-runs.ts";
import { type RunPast, readPast } from "../run/read-past.ts";
import { modelInfo } from "../run/readable-files.ts";

/** MLflow's numbers of a run's states. */
const STATUS = { running: 1, completed: 3, failed: 4, killed: 5 } as const;
/** `LOCAL`. */
const SOURCE_TYPE = 4;
/** Experiment ids stay below 2^31: the migration to SQLite needs it. */
const ID_SPACE = 2 ** 31 - 2;
const WRITE_AT = 1 << 16;

export interface ExportedRun {
  readonly folder: string;
  readonly experimentId: string;
  readonly runId: string;
}

/**
 * Writes a run as a folder of MLflow's file store, which `mlflow ui` and `mlflow migrate-filestore` read. A run that is there already is
 * written anew.
 *
 * @param root  the store, such as `mlruns`; made when it is not there
 * @throws {TrackingError} TRACKING_JOURNAL_MISSING where the run has not begun
 */
export async function exportMlruns(run: FoundRun, root: string): Promise<ExportedRun> {
  const past = await readPast(run.journalPath);
  const { start } = past;
  if (start === undefined) {
    throw new TrackingError("TRACKING_JOURNAL_MISSING", "the journal holds no run", {
      where: run.journalPath,
      fix: "name another run",
    });
  }
  const experimentId = await ensureExperiment(resolve(root), start.experiment || "Default", start.time);
  const runId = storeId(start.run_id);
  const folder = join(resolve(root), experimentId, runId);
  await rm(folder, { recursive: true, force: true });
  for (const name of ["metrics", "params", "tags", "artifacts"])
    await mkdir(join(folder, name), { recursive: true });
  await writeParams(folder, past);
  await writeTags(folder, past);
  await writeMetrics(folder, run.journalPath);
  await copyFiles(folder, run);
  await writeFileAtomic(join(folder, "meta.yaml"), runMeta(past, folder, experimentId, runId));
  return { folder, experimentId, runId };
}

/** A run's id as the store takes it: 32 hex digits, of another id the head of its hash. */
function storeId(id: string): string {
  return /^[0-9a-f]{32}$/.test(id) ? id : createHash("sha256").update(id).digest("hex").slice(0, 32);
}

async function ensureExperiment(root: string, name: string, time: number): Promise<string> {
  await mkdir(join(root, ".trash"), { recursive: true });
  const found = await experimentNamed(root, name);
  if (found !== undefined) return found;
  const head = createHash("sha256").update(name).digest().readUInt32LE(0);
  let id = String(1 + (head % ID_SPACE));
  while (existsSync(join(root, id))) id = String((Number(id) % ID_SPACE) + 1);
  const folder = join(root, id);
  await mkdir(join(folder, "tags"), { recursive: true });
  const meta = yamlMap({
    artifact_location: pathToFileURL(folder).href,
    creation_time: time,
    experiment_id: id,
    last_update_time: time,
    lifecycle_stage: "active",
    name,
  });
  await writeFileAtomic(join(folder, "meta.yaml"), meta);
  return id;
}

async function experimentNamed(root: string, name: string): Promise<string | undefined> {
  for (const id of await readdir(root)) {
    const text = await readFile(join(root, id, "meta.yaml"), "utf8").catch(() => "");
    if (text.split("\n").some((line) => line === `name: ${JSON.stringify(name)}` || line === `name: ${name}`))
      return id;
  }
  return undefined;
}

function runMeta({ start, end }: RunPast, folder: string, experimentId: string, runId: string): string {
  return yamlMap({
    artifact_uri: pathToFileURL(join(folder, "artifacts")).href,
    deleted_time: null,
    end_time: end?.time ?? null,
    entry_point_name: "",
    experiment_id: experimentId,
    lifecycle_stage: "active",
    run_id: runId,
    run_name: start?.run_name ?? runId,
    run_uuid: runId,
    source_name: "",
    source_type: SOURCE_TYPE,
    source_version: "",
    start_time: start?.time ?? 0,
    status: STATUS[end?.status ?? "running"],
    tags: [],
    user_id: start?.context.user ?? "",
  });
}

/** JSON is YAML; every text is quoted, so that an id of digits stays one. */
function yamlMap(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join("");
}

async function writeParams(folder: string, { params }: RunPast): Promise<void> {
  const names = new NameBook(() => undefined);
  for (const [name, value] of Object.entries(params))
    await writeEntry(join(folder, "params"), names.nameOf(name), paramText(value));
}

async function writeTags(folder: string, { start, tags, end }: RunPast): Promise<void> {
  if (start === undefined) return;
  const all = new Map(runTags(start, undefined, start.parent_run_id && storeId(start.parent_run_id)));
  for (const [key, value] of Object.entries(tags)) all.set(cleanName(key), value);
  if (end?.error !== undefined) all.set("ttm.error", end.error.message);
  for (const [key, value] of all) await writeEntry(join(folder, "tags"), key, value);
}

/** A key with `/` is a path; a key that is a folder already is called `…_`. */
async function writeEntry(folder: string, key: string, value: string): Promise<void> {
  const path = freePath(join(folder, key));
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, value);
}

function freePath(path: string): string {
  return existsSync(path) ? `${path}_` : path;
}

/** One line a point, `time value step`; a file is made with its first line: an empty one breaks the readers. */
async function writeMetrics(folder: string, journalPath: string): Promise<void> {
  const names = new NameBook(() => undefined);
  const files = new MetricFiles(join(folder, "metrics"));
  for await (const { record } of readJournal(journalPath)) {
    const metrics = asMetrics(record);
    if (metrics !== undefined) await files.add(metrics, (name) => names.nameOf(name));
  }
  files.flush();
}

class MetricFiles {
  readonly #folder: string;
  readonly #paths = new Map<string, string>();
  readonly #lines = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async add({ time, step, values }: MetricsRecord, nameOf: (name: string) => string): Promise<void> {
    for (const [name, value] of Object.entries(values)) {
      const path = this.#paths.get(name) ?? (await this.#newPath(name, nameOf(name)));
      const lines = `${this.#lines.get(path) ?? ""}${time} ${value} ${step}\n`;
      this.#lines.set(path, lines);
      if (lines.length >= WRITE_AT) this.#write(path, lines);
    }
  }

  flush(): void {
    for (const [path, lines] of this.#lines) if (lines !== "") this.#write(path, lines);
  }

  /** `loss` and `loss/train` cannot both be: one is a file, the other in a folder. The later one gives way. */
  async #newPath(name: string, key: string): Promise<string> {
    const taken = [...this.#paths.values()];
    let path = join(this.#folder, key);
    while (taken.some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`)))
      path = path.endsWith("_") ? `${path}_` : `${join(this.#folder, key.replaceAll("/", "_"))}_`;
    this.#paths.set(name, path);
    await mkdir(dirname(path), { recursive: true });
    return path;
  }

  #write(path: string, lines: string): void {
    appendFileSync(path, lines);
    this.#lines.set(path, "");
  }
}

async function copyFiles(folder: string, { runDir, journalPath }: FoundRun): Promise<void> {
  for await (const { record } of readJournal(journalPath)) {
    if (record.type === "artifact") await copyRecord(record, record.target, runDir, folder);
    if (record.type === "model") await copyModel(record, runDir, folder);
  }
}

async function copyModel(record: ModelRecord, runDir: string, folder: string): Promise<void> {
  const root = record.name === "model" ? "model" : `model/${record.name}`;
  await copyRecord(record, record.folder ? root : `${root}/${basename(record.path)}`, runDir, folder);
  const info = join(folder, "artifacts", root, "model_info.json");
  await mkdir(dirname(info), { recursive: true });
  await writeFileAtomic(info, `${JSON.stringify(modelInfo(record), null, 2)}\n`);
}

async function copyRecord(
  record: ArtifactRecord | ModelRecord,
  target: string,
  runDir: string,
  folder: string,
): Promise<void> {
  const source = join(runDir, record.path);
  if (!existsSync(source)) return;
  const copy = join(folder, "artifacts", target);
  await mkdir(dirname(copy), { recursive: true });
  await cp(source, copy, { recursive: true, dereference: true });
}
