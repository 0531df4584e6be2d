import type { ConfigErrorCode, OverrideErrorCode } from "../../src/config/index.ts";
import { TtmError, TtmErrors } from "../../src/core/index.ts";

/**
 * What the corpora call our codes; those that composition cannot end with are left out. Several names where Hydra tells
 * apart what we do not, or names it by stage.
 */
const kindsOf: Readonly<Partial<Record<ConfigErrorCode | OverrideErrorCode, readonly string[]>>> = {
  OVERRIDE_SYNTAX: ["override-lexer", "override-parser"],
  OVERRIDE_UNKNOWN_FUNCTION: ["override-function"],
  OVERRIDE_BAD_CALL: ["override-function"],
  OVERRIDE_NOT_ENUMERABLE: ["sweep-unsupported"],
  CONFIG_YAML_SYNTAX: ["yaml-syntax", "yaml-structure", "yaml-constructor"],
  CONFIG_DUPLICATE_KEY: ["yaml-syntax", "yaml-structure", "yaml-constructor"],
  CONFIG_YAML_TAG: ["yaml-syntax", "yaml-structure", "yaml-constructor"],
  CONFIG_KEY_TYPE: ["key-type"],
  CONFIG_UNSUPPORTED_VALUE: ["value-unsupported"],
  CONFIG_NOT_A_CONFIG: ["not-a-config"],
  CONFIG_HEADER: ["header-invalid"],
  CONFIG_INTERPOLATION_SYNTAX: ["interpolation-syntax", "value-set"],
  CONFIG_INTERPOLATION_KEY: ["interpolation-key"],
  CONFIG_INTERPOLATION_MISSING: ["interpolation-missing"],
  CONFIG_INTERPOLATION_FAILED: ["interpolation-resolution", "value-set"],
  CONFIG_UNKNOWN_RESOLVER: ["resolver-unknown"],
  CONFIG_MISSING_VALUE: ["missing-value"],
  CONFIG_DIRECTORY_MISSING: ["primary-missing"],
  CONFIG_SEARCH_PATH: ["searchpath"],
  CONFIG_PRIMARY_MISSING: ["primary-missing"],
  CONFIG_PRIMARY_NOT_MAP: ["primary-not-dict"],
  CONFIG_DEFAULTS_INVALID: ["defaults-invalid"],
  CONFIG_DEFAULTS_INTERPOLATION: ["defaults-interpolation"],
  // Hydra runs out of stack, wherever it is by then.
  CONFIG_DEFAULTS_CYCLE: ["recursion", "defaults-interpolation"],
  CONFIG_DUPLICATE_SELF: ["self-duplicate"],
  CONFIG_OVERRIDE_MISPLACED: ["override-misplaced"],
  CONFIG_OVERRIDE_IN_INTERPOLATED: ["override-in-interpolated"],
  CONFIG_UNKNOWN_OPTION: ["option-missing"],
  CONFIG_MANDATORY_CHOICE: ["choice-mandatory"],
  CONFIG_DUPLICATE_CHOICE: ["choice-duplicate"],
  CONFIG_UNKNOWN_GROUP: ["group-missing", "value-unknown-key"],
  CONFIG_UNMATCHED_GROUP: ["group-unmatched"],
  CONFIG_UNMATCHED_DELETION: ["delete-group-unmatched"],
  CONFIG_GROUP_VALUE: ["group-value-type"],
  CONFIG_FORCE_ADD_GROUP: ["force-add-group"],
  CONFIG_UNKNOWN_KEY: ["value-unknown-key"],
  CONFIG_KEY_EXISTS: ["value-exists"],
  CONFIG_DELETE: ["value-delete"],
  CONFIG_SET: ["value-set"],
  CONFIG_SWEEP_AMBIGUOUS: ["sweep-ambiguous"],
  CONFIG_SWEEP_NOT_MULTIRUN: ["sweep-not-multirun"],
  CONFIG_SWEEP_HYDRA: ["sweep-hydra"],
  CONFIG_MERGE_TYPE: ["merge-type"],
  CONFIG_MERGE_KEY: ["merge-unknown-key"],
  CONFIG_MERGE_VALUE: ["merge-value-type"],
  CONFIG_INVALID_VALUE: ["merge-value-type"],
};

/** Python failures without a name of their own: any error of ours is right. */
const nameless = ["recursion", "endless", "composition", "other"];

export interface ErrorAnswer {
  /** Names of the corpora that our fault (or one of several) may have. */
  readonly kinds: readonly string[];
  readonly message: string;
}

/** A fault of ours as an answer; anything that is none is a crash and goes on. */
export function errorAnswer(error: unknown): ErrorAnswer {
  const faults = error instanceof TtmErrors ? error.errors : [error];
  const kinds = faults.flatMap((fault) => {
    if (!(fault instanceof TtmError)) throw error;
    return kindsOf[fault.code as ConfigErrorCode] ?? [];
  });
  return { kinds, message: error instanceof Error ? error.message : String(error) };
}

/** Whether our fault is of the kind that the corpus names. */
export function sameKind(answer: ErrorAnswer, kind: string): boolean {
  return nameless.includes(kind) || answer.kinds.includes(kind);
}
