import Table from "cli-table3";
import { Command, Option } from "clipanion";
import { noBorders } from "../app/index.ts";
import {
  findLearningRate,
  HydraConfigManager,
  type LearningRateSearch,
  withInterrupts,
} from "../experiment/index.ts";
import { CliError } from "./errors.ts";
import { formatLoss } from "./format.ts";
import { TerminalReporter } from "./terminal-reporter.ts";

/** Rows of the table: every so many trials is shown. */
const ROWS = 20;

/** `ttm find-lr [overrides…]`: tries rising learning rates and suggests one. */
export class FindLrCommand extends Command {
  static override paths = [["find-lr"]];

  static override usage = Command.Usage({
    description: "try rising learning rates on a config and suggest one",
    details:
      "Trains for some steps, each with a larger rate, and shows the smoothed loss. The suggestion lies in the middle of its longest fall; nothing is written.",
    examples: [
      ["the default experiment", "ttm find-lr"],
      ["another optimizer, fewer trials", "ttm find-lr optimizer=lion --trials 50"],
    ],
  });

  json = Option.Boolean("--json", false, {
    description: "print one JSON object and nothing else on standard output",
  });
  from = Option.String("--from", "1e-7", { description: "the first rate" });
  to = Option.String("--to", "1", { description: "the last rate" });
  trials = Option.String("--trials", "100", { description: "how many rates are tried" });
  words = Option.Rest();

  async execute(): Promise<number> {
    const [from, to, trials] = [
      positive("--from", this.from),
      positive("--to", this.to),
      positive("--trials", this.trials),
    ];
    const config = new HydraConfigManager().loadConfig(this.words);
    const reporter = new TerminalReporter({ stream: process.stderr });
    const search = await withInterrupts((signal) =>
      findLearningRate(config, { reporter, signal, from, to, trials: Math.round(trials) }),
    ).finally(() => reporter.close());
    this.context.stdout.write(this.json ? `${JSON.stringify(search, null, 2)}\n` : report(search));
    return 0;
  }
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new CliError("CLI_USAGE", `${option} takes a number above 0`, {
    where: `${option} ${text}`,
    fix: `${option} ${option === "--trials" ? "100" : "1e-5"}`,
  });
}

function report({ trials, suggestion, lowest }: LearningRateSearch): string {
  const table = new Table({
    head: ["learning rate", "loss", "smoothed", ""],
    colAligns: ["right", "right", "right", "left"],
    chars: noBorders,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 1 },
  });
  const every = Math.max(1, Math.ceil(trials.length / ROWS));
  for (const [index, { learningRate, loss, smoothedLoss }] of trials.entries()) {
    const mark = learningRate === suggestion ? "suggested" : learningRate === lowest ? "lowest" : "";
    if (index % every !== 0 && mark === "") continue;
    table.push([learningRate.toExponential(2), formatLoss(loss), formatLoss(smoothedLoss), mark]);
  }
  const advice =
    suggestion === null
      ? "no suggestion: the loss never fell; try a wider range (--from, --to) or more trials"
      : `training.learning_rate=${suggestion.toExponential(1)}`;
  return `\n${table.toString().replace(/ +$/gm, "")}\n\n${advice}\n`;
}
