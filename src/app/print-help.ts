import type { Composition } from "../config/index.ts";
import { hydraText } from "../launch/index.ts";
import { commandsHelp } from "./command-list.ts";
import { flagsHelp } from "./flags.ts";
import { printConfig } from "./print-config.ts";

/**
 * `hydra.help.template` with its placeholders filled in: `$FLAGS_HELP`, `$COMMANDS_HELP`, `$APP_CONFIG_GROUPS`, `$HYDRA_CONFIG_GROUPS`,
 * `$CONFIG`; `$$` is a `$`, and any other `$name` stays as it is.
 */
export function appHelp(composition: Composition, resolve: boolean): string {
  return fillTemplate(composition, hydraText(composition, "help.template") ?? "$CONFIG", resolve);
}

/** The same for `--hydra-help`. */
export function hydraHelp(composition: Composition): string {
  const template = hydraText(composition, "hydra_help.template") ?? "$FLAGS_HELP\n$HYDRA_CONFIG_GROUPS";
  return fillTemplate(composition, template, false);
}

function fillTemplate(composition: Composition, template: string, resolve: boolean): string {
  const isHydra = (group: string) => group === "hydra" || group.startsWith("hydra/");
  const values: Record<string, () => string> = {
    FLAGS_HELP: flagsHelp,
    COMMANDS_HELP: commandsHelp,
    APP_CONFIG_GROUPS: () => groupLines(composition, (group) => !isHydra(group)),
    HYDRA_CONFIG_GROUPS: () => groupLines(composition, (group) => group.startsWith("hydra/")),
    CONFIG: () => printConfig(composition, { kind: "job", path: undefined, resolve }),
  };
  const filled = template.replace(
    /\$(\$|(\w+)|\{(\w+)\})/g,
    (whole, all: string, bare?: string, braced?: string) => {
      if (all === "$") return "$";
      return values[bare ?? braced ?? ""]?.() ?? whole;
    },
  );
  return `${filled}\n`;
}

/** `model: r1, r2`, a line for each group that has options. */
function groupLines(composition: Composition, isShown: (group: string) => boolean): string {
  return composition
    .groups()
    .filter(isShown)
    .map((group) => [group, composition.groupOptions(group)] as const)
    .filter(([, options]) => options.length > 0)
    .map(([group, options]) => `${group}: ${options.join(", ")}\n`)
    .join("");
}
