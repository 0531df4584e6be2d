import { Command, Option } from "clipanion";
import { registryFolder } from "../experiment/index.ts";
import { ModelRegistry } from "../tracking/index.ts";
import { CliError } from "./errors.ts";
import { mirrored } from "./mirror-models.ts";

/** `ttm models alias NAME ALIAS VERSION`: gives a version a name, or takes it away. */
export class ModelsAliasCommand extends Command {
  static override paths = [["models", "alias"]];

  static override usage = Command.Usage({
    description: "give a version an alias, which leaves the version that had it",
    examples: [
      ["version 3 is the champion now", "ttm models alias demand champion 3"],
      ["there is none any more", "ttm models alias demand champion none"],
    ],
  });

  modelName = Option.String({ required: true, name: "NAME" });
  alias = Option.String({ required: true, name: "ALIAS" });
  version = Option.String({ required: true, name: "VERSION" });
  registry = Option.String("--registry", {
    description: "the registry's folder; TTM_REGISTRY or experiments where left out",
  });
  uri = Option.String("--uri", {
    description: "an MLflow server to mirror to; those that know the runs where left out",
  });

  async execute(): Promise<number> {
    const registry = new ModelRegistry(this.registry ?? registryFolder());
    const version = this.version === "none" ? null : Number(this.version);
    if (version !== null && !Number.isInteger(version)) {
      throw new CliError("CLI_USAGE", `'${this.version}' is no version`, {
        where: `ttm models alias ${this.modelName} ${this.alias} ${this.version}`,
        fix: "give its number, or none to take the alias away; ttm models list shows them",
      });
    }
    await registry.setAlias(this.modelName, this.alias, version);
    this.context.stdout.write(
      `models:/${this.modelName}@${this.alias}   ${version === null ? "taken away" : `version ${version}`}\n`,
    );
    for (const line of await mirrored(registry, this.uri)) process.stderr.write(`${line}\n`);
    return 0;
  }
}
