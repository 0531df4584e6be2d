import { relative } from "node:path";
import { Command, Option } from "clipanion";
import { deleteRun, findRun, findRuns } from "../tracking/index.ts";
import { CliError } from "./errors.ts";
import { runPlaces } from "./runs-places.ts";

/** `ttm runs delete RUN… --yes`: removes runs' folders. */
export class RunsDeleteCommand extends Command {
  static override paths = [["runs", "delete"]];

  static override usage = Command.Usage({
    description: "remove runs with everything in their folders; what remotes have of them stays there",
    examples: [["one run", "ttm runs delete experiments/NAME/TIME --yes"]],
  });

  yes = Option.Boolean("--yes", false, { description: "remove them; without it, only say what would go" });
  runs = Option.Rest({ name: "RUN", required: 1 });

  async execute(): Promise<number> {
    const found = [];
    for (const word of this.runs) found.push(await findRun(word, runPlaces()));
    for (const run of found) {
      const folder = relative(process.cwd(), run.runDir) || ".";
      const inside = (await findRuns(run.runDir)).length - 1;
      const jobs = inside > 0 ? ` and ${inside} runs in it` : "";
      if (this.yes) await deleteRun(run);
      this.context.stdout.write(`${this.yes ? "removed" : "would remove"}   ${folder}${jobs}\n`);
    }
    if (this.yes) return 0;
    throw new CliError("CLI_NOT_CONFIRMED", "nothing was removed", {
      where: `ttm runs delete ${this.runs.join(" ")}`,
      fix: `ttm runs delete ${this.runs.join(" ")} --yes`,
    });
  }
}
