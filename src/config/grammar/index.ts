export type {
  ChoiceSweep,
  DictElement,
  DictEntry,
  Element,
  GlobSweep,
  InterpolationElement,
  IntervalSweep,
  ListEdit,
  ListElement,
  Override,
  OverrideKind,
  PlainValue,
  QuotedElement,
  RangeSweep,
  Scalar,
  ScalarElement,
  Span,
  Sweep,
} from "./ast.ts";
export { isSweep } from "./ast.ts";
export { editText, elementText } from "./element-text.ts";
export { elementValue } from "./element-value.ts";
export { enumerateSweep, type SweepContext } from "./enumerate-sweep.ts";
export { OverrideError, type OverrideErrorCode } from "./errors.ts";
export { functionNames } from "./functions.ts";
export { globMatch } from "./glob-match.ts";
export { compareCodePoints, scalarsEqual } from "./order.ts";
export { type ParseOptions, parseOverride, parseOverrides } from "./parse-override.ts";
export { overridePlace, type WordPosition } from "./place.ts";
