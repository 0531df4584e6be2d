import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { Command, Option } from "clipanion";
import { type FollowerReport, findRuns, syncRemotes } from "../tracking/index.ts";
import { CliError } from "./errors.ts";
import { reportLine } from "./report-line.ts";

/** Where runs lie that nobody names. */
const USUAL_FOLDERS = ["experiments", "multirun"];

/** `ttm sync [FOLDER…] [--uri URI]`: sends what remotes lack of the runs in the folders. */
export class SyncCommand extends Command {
  static override paths = [["sync"]];

  static override usage = Command.Usage({
    description: "send to the trackers of runs what they lack",
    details:
      "Takes folders of runs, or folders that hold such; experiments and multirun where none is named. Can be repeated at any time, also while a run goes on. Runs whose process has died are closed first.",
    examples: [
      ["everything that is left", "ttm sync"],
      ["after an outage", "ttm sync experiments/NAME/TIME"],
      ["to a server that a run has never seen", "ttm sync experiments/NAME --uri http://127.0.0.1:5000"],
    ],
  });

  uri = Option.String("--uri", { description: "an MLflow server, beside those that the runs know" });
  json = Option.Boolean("--json", false, { description: "print the reports as JSON" });
  folders = Option.Rest({ name: "FOLDER" });

  async execute(): Promise<number> {
    const runs = (await Promise.all(this.#places().map(findRuns))).flat();
    if (runs.length === 0) throw noRuns(this.folders);
    const told: { run: string; reports: readonly FollowerReport[] }[] = [];
    for (const { runDir } of runs) {
      const reports = await syncRemotes(runDir, this.uri === undefined ? {} : { uri: this.uri });
      const run = relative(process.cwd(), runDir) || ".";
      told.push({ run, reports });
      if (!this.json) this.context.stdout.write(runLines(run, reports));
    }
    if (this.json) this.context.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
    return told.some(({ reports }) => reports.some(({ pending }) => pending > 0)) ? 1 : 0;
  }

  #places(): string[] {
    return this.folders.length > 0 ? this.folders.map((it) => resolve(it)) : USUAL_FOLDERS.filter(existsSync);
  }
}

function runLines(run: string, reports: readonly FollowerReport[]): string {
  if (reports.length === 0) return `${run}   only in its folder: no remote knows it (--uri URI sends it)\n`;
  return reports.map((report) => `${run}   ${reportLine(report)}\n`).join("");
}

function noRuns(folders: readonly string[]): CliError {
  return new CliError("CLI_NO_RUNS", "there are no runs here", {
    where: (folders.length > 0 ? folders : USUAL_FOLDERS).join(", "),
    fix: "name the folder of a run, or one that holds runs",
  });
}
