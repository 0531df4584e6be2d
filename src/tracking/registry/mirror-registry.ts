import { join } from "node:path";
import type { Dispatcher } from "undici";
import { type MlflowAnswer, MlflowConnection } from "../mlflow/connection.ts";
import { readConnectionSettings } from "../mlflow/connection-settings.ts";
import { MlflowError } from "../mlflow/errors.ts";
import { readState, remoteFolder } from "../mlflow/follower-state.ts";
import { readList, readText } from "../mlflow/read-field.ts";
import type { ModelRegistry } from "./model-registry.ts";
import type { RegisteredModel, VersionRecord } from "./registry-records.ts";

/** The tag by which a version is found again on the server. */
const CLIENT_VERSION_TAG = "ttm.clientVersionId";
const PATH = "/api/2.0/mlflow";

export interface MirrorOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly dispatcher?: Dispatcher;
}

export interface MirrorReport {
  readonly remote: string;
  /** Versions and aliases that the server has now. */
  readonly versions: number;
  readonly aliases: number;
  /** Versions whose run the server does not have, by name and number. */
  readonly without_run: readonly string[];
}

/**
 * Brings a registry's versions and aliases to an MLflow server; can be repeated at any time. The server counts versions itself: ours is
 * told in a tag. A version whose run was never sent there is left out.
 *
 * @throws {MlflowError} where the server does not answer or refuses
 */
export async function mirrorRegistry(
  registry: ModelRegistry,
  uri: string,
  options: MirrorOptions = {},
): Promise<MirrorReport> {
  const settings = readConnectionSettings(uri, options.env ?? process.env);
  const { signal } = new AbortController();
  const connection = await MlflowConnection.open({ settings, signal, dispatcher: options.dispatcher });
  const without: string[] = [];
  const report = { versions: 0, aliases: 0 };
  try {
    for (const model of await registry.models()) {
      const numbers = new Map<number, string>();
      for (const version of model.versions) {
        const place = await placeOf(version, settings.base);
        if (place === undefined) without.push(`${version.name}/${version.version}`);
        else numbers.set(version.version, await ensureVersion(connection, model, version, place));
      }
      report.versions += numbers.size;
      report.aliases += await setAliases(connection, model, numbers);
    }
  } finally {
    await connection.close();
  }
  return { remote: settings.base, ...report, without_run: without };
}

interface RunPlace {
  readonly runId: string;
  readonly artifactUri: string;
}

/** Where the run of a version is on the server, as the run's follower noted it. */
async function placeOf({ origin }: VersionRecord, base: string): Promise<RunPlace | undefined> {
  const state = await readState(join(remoteFolder(origin.run_dir, base), "state.json"));
  if (state?.runId === undefined || state.artifactUri === undefined) return undefined;
  return { runId: state.runId, artifactUri: state.artifactUri };
}

async function ensureVersion(
  connection: MlflowConnection,
  { name }: RegisteredModel,
  version: VersionRecord,
  place: RunPlace,
): Promise<string> {
  const clientId = `${version.time}/${version.sha256.slice(0, 16)}/${version.version}`;
  await ensureModel(connection, name);
  const found = await connection.call({
    method: "GET",
    path: `${PATH}/model-versions/search`,
    query: {
      filter: `name = '${name.replaceAll("'", "")}' AND tags.\`${CLIENT_VERSION_TAG}\` = '${clientId}'`,
      max_results: 10,
    },
  });
  const known = readText(readList(found, "model_versions")[0], "version");
  return known ?? readVersion(await createVersion(connection, version, place, clientId));
}

async function ensureModel(connection: MlflowConnection, name: string): Promise<void> {
  try {
    await connection.call({ method: "POST", path: `${PATH}/registered-models/create`, body: { name } });
  } catch (fault) {
    if (!(fault instanceof MlflowError && fault.code === "MLFLOW_EXISTS")) throw fault;
  }
}

async function createVersion(
  connection: MlflowConnection,
  { name, version, sha256, origin, description }: VersionRecord,
  { runId, artifactUri }: RunPlace,
  clientId: string,
): Promise<MlflowAnswer> {
  const facts = {
    [CLIENT_VERSION_TAG]: clientId,
    "ttm.version": String(version),
    "ttm.sha256": sha256,
    "ttm.config_sha256": origin.config_sha256,
    "ttm.base_weights_sha256": origin.base_weights_sha256,
    "ttm.data_sha256": origin.data_sha256,
  };
  const tags = Object.entries(facts).flatMap(([key, value]) => (value === null ? [] : [{ key, value }]));
  return connection.call({
    method: "POST",
    path: `${PATH}/model-versions/create`,
    body: {
      name,
      source: `${artifactUri.replace(/\/+$/, "")}/model`,
      run_id: runId,
      tags,
      ...(description === undefined ? {} : { description }),
    },
  });
}

function readVersion(answer: MlflowAnswer): string {
  return readText(answer, "model_version", "version") ?? "1";
}

async function setAliases(
  connection: MlflowConnection,
  { name, aliases }: RegisteredModel,
  numbers: ReadonlyMap<number, string>,
): Promise<number> {
  let set = 0;
  for (const [alias, ours] of Object.entries(aliases)) {
    const version = numbers.get(ours);
    if (version === undefined) continue;
    await connection.call({
      method: "POST",
      path: `${PATH}/registered-models/alias`,
      body: { name, alias, version },
    });
    set += 1;
  }
  return set;
}
