/** Who made a registered model, and from what. */
export interface ModelOrigin {
  readonly run_id: string | null;
  /** The run's folder, absolute. */
  readonly run_dir: string;
  readonly experiment: string | null;
  readonly user: string;
  /** SHA-256 of the run's config, of the weights it began with, and (its head) of its data; null where unknown. */
  readonly config_sha256: string | null;
  readonly base_weights_sha256: string | null;
  readonly data_sha256: string | null;
  readonly git_commit: string | null;
}

/** A version of a model: a folder that `model.path` takes. Versions count from 1 and never change. */
export interface VersionRecord {
  readonly type: "version";
  readonly time: number;
  readonly name: string;
  readonly version: number;
  /** The model's folder, relative to the registry's. */
  readonly path: string;
  /** SHA-256 over the folder's files and their names. */
  readonly sha256: string;
  readonly origin: ModelOrigin;
  readonly metrics: Readonly<Record<string, number | string>>;
  readonly description?: string;
}

/** A name for a version, such as `champion`; null takes it away. */
export interface AliasRecord {
  readonly type: "alias";
  readonly time: number;
  readonly name: string;
  readonly alias: string;
  readonly version: number | null;
}

export type RegistryRecord = VersionRecord | AliasRecord;

export interface RegisteredModel {
  readonly name: string;
  readonly versions: readonly VersionRecord[];
  readonly aliases: Readonly<Record<string, number>>;
}
