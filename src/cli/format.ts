export { formatDuration } from "../core/index.ts";

/** `28,928`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** Four significant digits are what a person compares. */
export function formatLoss(loss: number): string {
  return loss.toPrecision(4);
}
