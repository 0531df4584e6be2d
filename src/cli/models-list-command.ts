import { Command, Option } from "clipanion";
import { registryFolder } from "../experiment/index.ts";
import { ModelRegistry } from "../tracking/index.ts";
import { cellText, csvTable, plainTable } from "./runs-table.ts";

/** `ttm models list`: the registered models with their versions and aliases. */
export class ModelsListCommand extends Command {
  static override paths = [["models", "list"], ["models"]];

  static override usage = Command.Usage({
    description: "the registered models: versions, aliases, what they were made from",
    examples: [["all", "ttm models list"]],
  });

  registry = Option.String("--registry", {
    description: "the registry's folder; TTM_REGISTRY or experiments where left out",
  });
  json = Option.Boolean("--json", false, { description: "print JSON with everything that is known" });
  csv = Option.Boolean("--csv", false, { description: "print CSV" });

  async execute(): Promise<number> {
    const registry = new ModelRegistry(this.registry ?? registryFolder());
    const models = await registry.models();
    if (this.json) {
      this.context.stdout.write(`${JSON.stringify(models, null, 2)}\n`);
      return 0;
    }
    if (models.length === 0 && !this.csv) {
      this.context.stdout.write("no models; register one: ttm models register RUN --name NAME\n");
      return 0;
    }
    const rows = models.flatMap(({ name, versions, aliases }) =>
      versions.map(({ version, time, origin, metrics, sha256 }) => [
        `models:/${name}/${version}`,
        Object.entries(aliases)
          .filter(([, at]) => at === version)
          .map(([alias]) => `@${alias}`)
          .join(" "),
        new Date(time).toISOString().slice(0, 19).replace("T", " "),
        cellText(metrics["test_mse"], this.csv),
        origin.user,
        sha256.slice(0, 12),
        origin.run_dir,
      ]),
    );
    const table = { head: ["model", "aliases", "registered", "test_mse", "by", "sha256", "run"], rows };
    this.context.stdout.write(this.csv ? csvTable(table) : plainTable(table));
    return 0;
  }
}
