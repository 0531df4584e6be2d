export { type ComposeOptions, compose } from "./compose/compose.ts";
export { type ComposeSavedOptions, composeSaved, type SavedConfig } from "./compose/compose-saved.ts";
export { type Composition, compositionClock, type Step, withHydra } from "./compose/composition.ts";
export { type ConfigFile, parseConfigFile } from "./compose/config-file.ts";
export { type ConfigStore, type StoredMap, type StoredValue, storedData } from "./compose/config-store.ts";
export type { DefaultsListItem } from "./compose/defaults-list.ts";
export type { DefaultsTree } from "./compose/defaults-tree.ts";
export { explainKey, type KeyHistory } from "./compose/explain-key.ts";
export type { JobInfo } from "./compose/hydra-node.ts";
export type { ConfigSource } from "./compose/repository.ts";
export { type RestoreOptions, restoreComposition } from "./compose/restore-composition.ts";
export { ConfigError, type ConfigErrorCode } from "./errors.ts";
export type {
  ChoiceSweep,
  Element,
  IntervalSweep,
  ListEdit,
  Override,
  OverrideKind,
  PlainValue,
  RangeSweep,
  Scalar,
  Sweep,
  SweepContext,
} from "./grammar/index.ts";
export {
  compareCodePoints,
  editText,
  elementText,
  elementValue,
  enumerateSweep,
  isSweep,
  OverrideError,
  type OverrideErrorCode,
  parseOverride,
  parseOverrides,
} from "./grammar/index.ts";
export {
  type CallSite,
  instantiate,
  type TargetFactory,
  type TargetRegistry,
  type TargetSettings,
} from "./instantiate.ts";
export { Interpolator, type InterpolatorOptions } from "./interpolation/interpolator.ts";
export { type Location, locationPath } from "./interpolation/location.ts";
export type { Resolver, ResolverContext } from "./interpolation/resolver.ts";
export { strftime } from "./interpolation/strftime.ts";
export type { ContainerNode, Key, ListNode, MapNode, Node, ScalarNode, ScalarValue } from "./node.ts";
export {
  entry,
  isContainer,
  isInterpolation,
  isMissing,
  isNull,
  listNode,
  mapNode,
  nodeFromValue,
  nodeValue,
  scalarNode,
  withEntry,
  withoutEntry,
} from "./node.ts";
export { engineOrigin, type Origin, originText } from "./origin.ts";
export { type PlainConfig, plainView } from "./plain-view.ts";
export { floatRepr, pythonRepr, pythonStr } from "./python-text.ts";
export { type QueryMatch, queryTree } from "./query.ts";
export { originOf, resolveSetting, select } from "./select.ts";
export { toPlain } from "./to-plain.ts";
export { validate, validateStored, validateTree } from "./validate.ts";
export { toYaml } from "./yaml/dump-yaml.ts";
export { loadYaml } from "./yaml/load-yaml.ts";
