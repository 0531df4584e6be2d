import type { TtmErrorOptions } from "../core/index.ts";
import { TtmError } from "../core/index.ts";

export type ConfigErrorCode =
  // Reading one file
  | "CONFIG_YAML_SYNTAX"
  | "CONFIG_DUPLICATE_KEY"
  | "CONFIG_YAML_TAG"
  | "CONFIG_KEY_TYPE"
  | "CONFIG_UNSUPPORTED_VALUE"
  | "CONFIG_NOT_A_CONFIG"
  | "CONFIG_HEADER"
  // Interpolation
  | "CONFIG_INTERPOLATION_SYNTAX"
  | "CONFIG_INTERPOLATION_KEY"
  | "CONFIG_INTERPOLATION_MISSING"
  | "CONFIG_INTERPOLATION_FAILED"
  | "CONFIG_UNKNOWN_RESOLVER"
  | "CONFIG_MISSING_VALUE"
  // Where configs are looked for
  | "CONFIG_DIRECTORY_MISSING"
  | "CONFIG_SEARCH_PATH"
  | "CONFIG_PRIMARY_MISSING"
  | "CONFIG_PRIMARY_NOT_MAP"
  // The defaults list
  | "CONFIG_DEFAULTS_INVALID"
  | "CONFIG_DEFAULTS_INTERPOLATION"
  | "CONFIG_DEFAULTS_CYCLE"
  | "CONFIG_DUPLICATE_SELF"
  | "CONFIG_OVERRIDE_MISPLACED"
  | "CONFIG_OVERRIDE_IN_INTERPOLATED"
  | "CONFIG_UNKNOWN_OPTION"
  | "CONFIG_MANDATORY_CHOICE"
  | "CONFIG_DUPLICATE_CHOICE"
  // Overrides of groups
  | "CONFIG_UNKNOWN_GROUP"
  | "CONFIG_UNMATCHED_GROUP"
  | "CONFIG_UNMATCHED_DELETION"
  | "CONFIG_GROUP_VALUE"
  | "CONFIG_FORCE_ADD_GROUP"
  // Overrides of values
  | "CONFIG_UNKNOWN_KEY"
  | "CONFIG_KEY_EXISTS"
  | "CONFIG_DELETE"
  | "CONFIG_SET"
  // Sweeps where none is allowed
  | "CONFIG_SWEEP_AMBIGUOUS"
  | "CONFIG_SWEEP_NOT_MULTIRUN"
  | "CONFIG_SWEEP_HYDRA"
  // Merging and validation
  | "CONFIG_MERGE_TYPE"
  | "CONFIG_MERGE_KEY"
  | "CONFIG_MERGE_VALUE"
  | "CONFIG_INVALID_VALUE"
  // Reading a composed config
  | "CONFIG_QUERY"
  | "CONFIG_SAVED_CHOICE"
  | "CONFIG_UNKNOWN_TARGET"
  | "CONFIG_TARGET_ARGUMENT"
  | "CONFIG_TARGET_FAILED";

/** A fault in a config file, an override or the composed tree. */
export class ConfigError extends TtmError<ConfigErrorCode> {}

/** A {@link ConfigError}; shorter to write at the place of the fault. */
export function configError(code: ConfigErrorCode, what: string, options: TtmErrorOptions = {}): ConfigError {
  return new ConfigError(code, what, options);
}
