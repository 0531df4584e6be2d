import type { Composition, KeyHistory } from "../config/index.ts";
import { explainKey, isContainer, nodeValue, originText, pythonStr, toYaml } from "../config/index.ts";
import { AppError } from "./errors.ts";

/**
 * What `--explain KEY` prints: the value as stored, who set it, and what that overrode, last first.
 *
 *     training.lr = 0.01
 *       set by    override 1 of 1   training.lr=0.01
 *       over      0.0001   conf/config.yaml:4:14
 *
 * @throws {AppError} APP_NO_SUCH_KEY
 */
export function explainText(composition: Composition, key: string): string {
  const [winner, ...others] = explainKey(composition, key);
  if (winner === undefined) {
    throw new AppError("APP_NO_SUCH_KEY", `'${key}' is not in the config`, {
      where: `--explain ${key}`,
      fix: "--cfg job shows all keys",
    });
  }
  const lines = [
    valueLines(key, winner),
    `  set by    ${originText(winner.origin)}`,
    ...others.map(overLine),
  ];
  return `${lines.join("\n")}\n`;
}

function valueLines(key: string, { node }: KeyHistory): string {
  if (!isContainer(node)) return `${key} = ${scalarText(node)}`;
  const body = toYaml(node).trimEnd().split("\n");
  return [`${key}:`, ...body.map((line) => `  ${line}`)].join("\n");
}

function overLine({ node, origin }: KeyHistory): string {
  return `  over      ${isContainer(node) ? "" : `${scalarText(node)}   `}${originText(origin)}`;
}

function scalarText(node: KeyHistory["node"]): string {
  const value = nodeValue(node);
  return value === null ? "null" : pythonStr(value);
}
