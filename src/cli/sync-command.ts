import { Command, Option } from "clipanion";
import { syncRun } from "../tracking/index.ts";

/** `ttm sync RUN --uri URI`: sends what a server lacks of a run. */
export class SyncCommand extends Command {
  static override paths = [["sync"]];

  static override usage = Command.Usage({
    description: "send to an MLflow server what it lacks of a run",
    examples: [["after an outage", "ttm sync experiments/NAME/TIME --uri http://127.0.0.1:5000"]],
  });

  run = Option.String({ required: true, name: "RUN" });
  uri = Option.String("--uri", { description: "the tracking server; MLFLOW_TRACKING_URI where left out" });

  async execute(): Promise<number> {
    const uri = this.uri ?? process.env["MLFLOW_TRACKING_URI"] ?? "http://127.0.0.1:5000";
    const report = await syncRun(this.run, uri);
    this.context.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return report.pending === 0 ? 0 : 1;
  }
}
