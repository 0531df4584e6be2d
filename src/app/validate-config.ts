import type { z } from "zod";
import type { Composition, Node } from "../config/index.ts";
import { ConfigError, entry, originText, toPlain } from "../config/index.ts";
import { throwAll } from "../core/index.ts";

/**
 * The composed config, interpolated, as the schema's output.
 *
 * @throws {ConfigError} CONFIG_INVALID_VALUE or CONFIG_UNKNOWN_KEY, one for each issue, with the place that set it
 */
export function validate<Schema extends z.ZodType>(composition: Composition, schema: Schema): z.output<Schema> {
  const tree = composition.interpolator().resolveTree();
  const parsed = schema.safeParse(toPlain(tree));
  if (parsed.success) return parsed.data;
  throwAll(parsed.error.issues.flatMap((issue) => issueErrors(issue, tree)));
  throw parsed.error;
}

function issueErrors(issue: z.core.$ZodIssue, tree: Node): ConfigError[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const full = [...path, key].join(".");
      return new ConfigError("CONFIG_UNKNOWN_KEY", `'${full}' is no key of this app`, { where: whereOf(tree, [...path, key]) });
    });
  }
  return [
    new ConfigError("CONFIG_INVALID_VALUE", `'${path.join(".")}' is wrong: ${issue.message}`, {
      where: whereOf(tree, path),
    }),
  ];
}

function whereOf(node: Node, path: readonly string[]): string {
  const [first, ...rest] = path;
  if (first === undefined) return originText(node.origin);
  const inner = node.kind === "map" ? entry(node, first) : node.kind === "list" ? node.items[Number(first)] : undefined;
  return inner === undefined ? originText(node.origin) : whereOf(inner, rest);
}
