import { didYouMean, throwAll } from "../core/index.ts";
import { arrayTypeOf, elementCount, type Tensor } from "../onnx/index.ts";
import { OrtError } from "./errors.ts";

/** An input or output of a session. A string in `shape` is a dimension that any size fits. */
export interface SessionValue {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | string)[];
}

/**
 * Compares feeds with what a session wants; reports every fault in one go.
 *
 * @throws {OrtError} RUNTIME_MISSING_FEED, RUNTIME_UNKNOWN_FEED, RUNTIME_BAD_FEED
 */
export function checkFeeds(
  inputs: readonly SessionValue[],
  feeds: Readonly<Record<string, Tensor>>,
  label: string,
): void {
  const faults: OrtError[] = [];
  for (const input of inputs) {
    const feed = feeds[input.name];
    const fault = feed ? checkFeed(input, feed, label) : missing(input, label);
    if (fault) faults.push(fault);
  }
  const names = inputs.map(({ name }) => name);
  for (const name of Object.keys(feeds)) if (!names.includes(name)) faults.push(unknown(name, names, label));
  throwAll(faults);
}

function checkFeed(input: SessionValue, feed: Tensor, label: string): OrtError | undefined {
  const expected = show(input.dtype, input.shape);
  const got = show(feed.dtype, feed.shape);
  if (feed.dtype !== input.dtype || !fits(feed.shape, input.shape)) {
    return bad(input, label, `expected ${expected}, got ${got}`, `feed a tensor ${expected}`);
  }
  const count = elementCount(feed.shape);
  if (feed.data.length !== count) {
    return bad(
      input,
      label,
      `${got} holds ${count} elements, its data ${feed.data.length}`,
      "give data and shape that agree",
    );
  }
  const ArrayType = arrayTypeOf(feed.dtype);
  if (feed.data instanceof ArrayType) return undefined;
  const given = feed.data.constructor.name;
  return bad(
    input,
    label,
    `${feed.dtype} is held in a ${ArrayType.name}, got a ${given}`,
    `give a ${ArrayType.name}`,
  );
}

function fits(shape: readonly number[], wanted: readonly (number | string)[]): boolean {
  return (
    shape.length === wanted.length &&
    wanted.every((size, axis) => typeof size === "string" || size === shape[axis])
  );
}

function show(dtype: string, shape: readonly (number | string)[]): string {
  return `${dtype}[${shape.join(", ")}]`;
}

function bad(input: SessionValue, label: string, what: string, fix: string): OrtError {
  return new OrtError("RUNTIME_BAD_FEED", `input '${input.name}': ${what}`, {
    where: `${label}, input '${input.name}'`,
    fix,
  });
}

function missing(input: SessionValue, label: string): OrtError {
  return new OrtError("RUNTIME_MISSING_FEED", `input '${input.name}' was not fed`, {
    where: `${label}, input '${input.name}'`,
    fix: `feed a tensor ${show(input.dtype, input.shape)}`,
  });
}

function unknown(name: string, names: readonly string[], label: string): OrtError {
  const known = names.length === 0 ? "it takes none" : `it takes ${names.join(", ")}`;
  return new OrtError("RUNTIME_UNKNOWN_FEED", `there is no input '${name}'`, {
    where: label,
    fix: [didYouMean(name, names), known].filter(Boolean).join(" "),
  });
}
