import type { JsonValue } from "../json-value.ts";
import type { MetricText } from "../metric-value.ts";
import { treeText } from "../param-tree.ts";

/** A value of a row or a summary as W&B's JSON: NaN and the infinities stand bare, −0 stays. */
export function metricJson(value: MetricText | number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** A value of the config as wandb writes it: NaN becomes null, the infinities stay. */
export function configJson(value: JsonValue): string {
  return treeText(value, (number) => (number === "NaN" ? "null" : number));
}
