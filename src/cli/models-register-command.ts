import { Command, Option } from "clipanion";
import { registerRun, registryFolder } from "../experiment/index.ts";
import { findRun, ModelRegistry } from "../tracking/index.ts";
import { mirrored } from "./mirror-models.ts";
import { runPlaces } from "./runs-places.ts";

/** `ttm models register RUN --name N`: what a run has trained becomes the next version of a model. */
export class ModelsRegisterCommand extends Command {
  static override paths = [["models", "register"]];

  static override usage = Command.Usage({
    description: "make what a run has trained the next version of a named model",
    details:
      "An adapter is merged into its base first. The version is then a model like any other: model.path=models:/NAME/VERSION, or by an alias models:/NAME@ALIAS. An MLflow server that has the run gets the version, too.",
    examples: [
      [
        "the next version, called champion from now on",
        "ttm models register experiments/NAME/TIME --name demand --alias champion",
      ],
    ],
  });

  run = Option.String({ required: true, name: "RUN" });
  modelName = Option.String("--name", { required: true, description: "the model's name" });
  alias = Option.Array("--alias", { description: "an alias for this version; can be given more than once" });
  description = Option.String("--description", { description: "a note about it" });
  registry = Option.String("--registry", {
    description: "the registry's folder; TTM_REGISTRY or experiments where left out",
  });
  uri = Option.String("--uri", {
    description: "an MLflow server to mirror to; those that know the run where left out",
  });
  json = Option.Boolean("--json", false, { description: "print the version as JSON" });

  async execute(): Promise<number> {
    const { runDir } = await findRun(this.run, runPlaces());
    const folder = this.registry ?? registryFolder();
    const { modelName: name, description } = this;
    const onNotice = (notice: string) => process.stderr.write(`note        ${notice}\n`);
    const version = await registerRun({ run: runDir, name, registry: folder, description, onNotice });
    const registry = new ModelRegistry(folder);
    for (const alias of this.alias ?? []) await registry.setAlias(name, alias, version.version);
    this.context.stdout.write(
      this.json
        ? `${JSON.stringify(version, null, 2)}\n`
        : `registered   models:/${name}/${version.version}\n`,
    );
    for (const line of await mirrored(registry, this.uri)) process.stderr.write(`${line}\n`);
    return 0;
  }
}
