import { relative, resolve } from "node:path";
import { Command, Option } from "clipanion";
import { exportMlruns, findRun, findRuns } from "../tracking/index.ts";
import { runPlaces } from "./runs-places.ts";

/** `ttm runs export [RUN…] --to mlruns`: writes runs as a folder of MLflow's file store. */
export class RunsExportCommand extends Command {
  static override paths = [["runs", "export"]];

  static override usage = Command.Usage({
    description: "write runs as MLflow's file store, without a server",
    details:
      "All runs in experiments and multirun where none is named. A run that is there already is written anew.",
    examples: [["all runs", "ttm runs export --to mlruns"]],
  });

  to = Option.String("--to", "mlruns", { description: "the store's folder" });
  runs = Option.Rest({ name: "RUN" });

  async execute(): Promise<number> {
    const named = [];
    for (const word of this.runs) named.push(await findRun(word, runPlaces()));
    const found = named.length > 0 ? named : (await Promise.all(runPlaces().map(findRuns))).flat();
    for (const run of found) {
      const { folder } = await exportMlruns(run, this.to);
      const from = relative(process.cwd(), run.runDir) || ".";
      this.context.stdout.write(`${from}   ${relative(process.cwd(), folder)}\n`);
    }
    const store = resolve(this.to);
    this.context.stdout.write(
      `up to MLflow 3.12    mlflow ui --backend-store-uri ${store}\n` +
        `from 3.13 on         MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri ${store}\n` +
        `into a database      mlflow migrate-filestore --source ${store} --target sqlite:///mlflow.db\n`,
    );
    return 0;
  }
}
