// A small app on somebody's conf tree, as a process of its own: real-tree-app.ts CONF_DIR CONFIG_NAME [words]
import type { Node } from "../../src/app/index.ts";
import { defineApp, isContainer } from "../../src/app/index.ts";

const [configDir = "", configName = "", ...words] = process.argv.slice(2);

/** Everything in a config that would be built: the names behind `_target_`, in order. */
function targets(node: Node): string[] {
  if (node.kind === "scalar") return [];
  if (node.kind === "list") return node.items.flatMap(targets);
  const own = node.entries.get("_target_");
  const name = own !== undefined && !isContainer(own) ? [String(own.value)] : [];
  return [...name, ...[...node.entries.values()].flatMap(targets)];
}

const app = defineApp(
  { name: "real", configDir, configName, version: "1.0.0" },
  (_, { composition, print }) => {
    const found = targets(composition.config);
    print(`${found.join("\n")}\n`);
    return { targets: found.length };
  },
);
process.exitCode = await app.main(words);
