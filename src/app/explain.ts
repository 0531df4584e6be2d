import type { Composition } from "../config/index.ts";
import { explainKey, isContainer, nodeValue, originText, pythonStr, toYaml } from "../config/index.ts";
import { AppError } from "./errors.ts";

/**
 * What `--explain KEY` prints: the value, and who set it, last first.
 *
 *     training.lr = 0.01
 *       set by     override 1 of 1   training.lr=0.01
 *       overrode   0.0001   conf/config.yaml:4:14
 *
 * @throws {AppError} APP_NO_SUCH_KEY
 */
export function explainText(composition: Composition, key: string): string {
  const chain = explainKey(composition, key);
  const [winner, ...others] = chain;
  if (winner === undefined) {
    throw new AppError("APP_NO_SUCH_KEY", `'${key}' is not in the config`, {
      where: `--explain ${key}`,
      fix: "--cfg job prints all keys",
    });
  }
  const lines = isContainer(winner.node)
    ? [`${key}:`, ...toYaml(winner.node).trimEnd().split("\n").map((line) => `  ${line}`)]
    : [`${key} = ${pythonStr(nodeValue(winner.node))}`];
  lines.push(`  set by     ${originText(winner.origin)}`);
  for (const { node, origin } of others) {
    const value = isContainer(node) ? "" : `${pythonStr(nodeValue(node))}   `;
    lines.push(`  overrode   ${value}${originText(origin)}`);
  }
  return `${lines.join("\n")}\n`;
}
