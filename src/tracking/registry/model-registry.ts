import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { didYouMean } from "../../core/index.ts";
import { TrackingError } from "../errors.ts";
import { Lease } from "../journal/lease.ts";
import { isJsonObject } from "../json-value.ts";
import { hashFolder } from "./hash-folder.ts";
import type { ModelOrigin, RegisteredModel, RegistryRecord, VersionRecord } from "./registry-records.ts";

export const REGISTRY_FILE = "registry.jsonl";
const LEASE_TRIES = 100;
const LEASE_MILLISECONDS = 50;

export interface NewVersion {
  readonly name: string;
  /** A folder that `model.path` takes. */
  readonly folder: string;
  readonly origin: ModelOrigin;
  readonly metrics: Readonly<Record<string, number | string>>;
  readonly description?: string | undefined;
}

/** Named, numbered models: a log of one record a line, in `registry.jsonl` of a folder. One process writes at a time, by lease. */
export class ModelRegistry {
  readonly folder: string;
  readonly path: string;

  /** @param folder  where the log lies; usually the folder of the runs */
  constructor(folder: string) {
    this.folder = resolve(folder);
    this.path = join(this.folder, REGISTRY_FILE);
  }

  /** All models, by name. Lines that cannot be read are passed over: a process may have died in the last one. */
  async models(): Promise<RegisteredModel[]> {
    const text = await readFile(this.path, "utf8").catch(() => "");
    return foldRecords(text.split("\n").flatMap(readRecord));
  }

  /** Registers the next version of a model. @throws {TrackingError} TRACKING_MODEL_NAME, TRACKING_FOLDER */
  async register({ name, folder, origin, metrics, description }: NewVersion): Promise<VersionRecord> {
    checkName(name);
    const sha256 = await hashFolder(folder);
    return this.#write((models) => {
      const versions = models.find((model) => model.name === name)?.versions ?? [];
      return {
        type: "version",
        time: Date.now(),
        name,
        version: (versions.at(-1)?.version ?? 0) + 1,
        path: relative(this.folder, resolve(folder)).replaceAll("\\", "/"),
        sha256,
        origin,
        metrics,
        ...(description === undefined ? {} : { description }),
      };
    });
  }

  /** Gives a version an alias, which leaves the version that had it; null takes it away. */
  async setAlias(name: string, alias: string, version: number | null): Promise<void> {
    checkAlias(alias);
    await this.#write((models) => {
      const model = modelNamed(models, name, this.path);
      if (version !== null) versionOf(model, String(version), this.path);
      return { type: "alias", time: Date.now(), name, alias, version };
    });
  }

  /**
   * The version that `models:/NAME@ALIAS`, `models:/NAME/VERSION` or `models:/NAME` (the newest) means.
   *
   * @throws {TrackingError} TRACKING_NO_MODEL, TRACKING_MODEL_NAME
   */
  async resolve(uri: string): Promise<{ version: VersionRecord; folder: string }> {
    const { name, selector } = parseModelUri(uri);
    const model = modelNamed(await this.models(), name, this.path);
    const version = versionOf(model, selector, this.path);
    return { version, folder: resolve(this.folder, version.path) };
  }

  async #write<Written extends RegistryRecord>(
    make: (models: readonly RegisteredModel[]) => Written,
  ): Promise<Written> {
    await mkdir(dirname(this.path), { recursive: true });
    const lease = await this.#takeLease();
    try {
      const text = await readFile(this.path, "utf8").catch(() => "");
      const record = make(foldRecords(text.split("\n").flatMap(readRecord)));
      // A line that a process died in stays a line of its own, which readers pass over.
      const start = text === "" || text.endsWith("\n") ? "" : "\n";
      await appendFile(this.path, `${start}${JSON.stringify(record)}\n`, { flush: true });
      return record;
    } finally {
      await lease.release();
    }
  }

  async #takeLease(): Promise<Lease> {
    for (let tries = 0; tries < LEASE_TRIES; tries++) {
      const lease = await Lease.acquire(`${this.path}.lease`);
      if (lease instanceof Lease) return lease;
      await wait(LEASE_MILLISECONDS);
    }
    throw new TrackingError("TRACKING_RUN_BUSY", "another process is writing the registry", {
      where: this.path,
      fix: "try again",
    });
  }
}

/** Whether a path names a registered model. */
export function isModelUri(path: string): boolean {
  return path.startsWith("models:/");
}

/** `models:/NAME@ALIAS`, `models:/NAME/VERSION`, `models:/NAME`. */
export function parseModelUri(uri: string): { name: string; selector: string } {
  const parts = /^models:\/+(?<name>[^/@]+)(?:@(?<alias>[^/@]+)|\/(?<version>\d+|latest))?$/.exec(
    uri,
  )?.groups;
  if (parts?.["name"] !== undefined)
    return { name: parts["name"], selector: parts["alias"] ?? parts["version"] ?? "latest" };
  throw new TrackingError("TRACKING_MODEL_NAME", "this names no registered model", {
    where: uri,
    fix: "models:/NAME@ALIAS, models:/NAME/VERSION, or models:/NAME for the newest",
  });
}

function modelNamed(models: readonly RegisteredModel[], name: string, where: string): RegisteredModel {
  const model = models.find((it) => it.name === name);
  if (model !== undefined) return model;
  const names = models.map((it) => it.name);
  const fix =
    names.length === 0
      ? `register one: ttm models register RUN --name ${name}`
      : [didYouMean(name, names), `registered are: ${names.join(", ")}`].filter(Boolean).join("\n");
  throw new TrackingError("TRACKING_NO_MODEL", `no model '${name}' is registered`, { where, fix });
}

function versionOf(model: RegisteredModel, selector: string, where: string): VersionRecord {
  const number = model.aliases[selector] ?? (selector === "latest" ? undefined : Number(selector));
  const version =
    number === undefined ? model.versions.at(-1) : model.versions.find((it) => it.version === number);
  if (version !== undefined) return version;
  const aliases = Object.entries(model.aliases).map(([alias, at]) => `@${alias} (${at})`);
  const versions = model.versions.map((it) => it.version);
  throw new TrackingError(
    "TRACKING_NO_MODEL",
    `model '${model.name}' has no version or alias '${selector}'`,
    {
      where,
      fix: `it has: ${[...versions, ...aliases].join(", ")}`,
    },
  );
}

/** MLflow's rules, so that a name means the same there. */
function checkName(name: string): void {
  if (/^[^/:@]{1,250}$/.test(name) && name.trim() === name) return;
  throw new TrackingError("TRACKING_MODEL_NAME", `'${name}' is no name for a model`, {
    where: name,
    fix: "use letters, digits, spaces, - _ and dots; no / : @",
  });
}

function checkAlias(alias: string): void {
  if (/^[\w-]{1,255}$/.test(alias) && alias !== "latest" && !/^v?\d+$/i.test(alias)) return;
  throw new TrackingError("TRACKING_MODEL_NAME", `'${alias}' is no alias`, {
    where: alias,
    fix: "use letters, digits, _ and -, not only digits, and neither latest nor v1",
  });
}

function foldRecords(records: readonly RegistryRecord[]): RegisteredModel[] {
  const models = new Map<string, { versions: VersionRecord[]; aliases: Record<string, number> }>();
  for (const record of records) {
    const model = models.get(record.name) ?? { versions: [], aliases: {} };
    models.set(record.name, model);
    if (record.type === "version") model.versions.push(record);
    else if (record.version === null) delete model.aliases[record.alias];
    else model.aliases[record.alias] = record.version;
  }
  return [...models].map(([name, model]) => ({ name, ...model })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readRecord(line: string): RegistryRecord[] {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? [value] : [];
  } catch {
    return [];
  }
}

function isRecord(value: unknown): value is RegistryRecord {
  if (!isJsonObject(value) || typeof value["name"] !== "string") return false;
  if (value["type"] === "alias") return typeof value["alias"] === "string";
  return (
    value["type"] === "version" && typeof value["version"] === "number" && typeof value["path"] === "string"
  );
}
