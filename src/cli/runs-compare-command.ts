import { Command, Option } from "clipanion";
import { findRun, type RunView, readRunView } from "../tracking/index.ts";
import { CliError } from "./errors.ts";
import { runPlaces } from "./runs-places.ts";
import { cellText, csvTable, plainTable } from "./runs-table.ts";

/** `ttm runs compare RUN RUN…`: the params that differ and the metrics, side by side. */
export class RunsCompareCommand extends Command {
  static override paths = [["runs", "compare"]];

  static override usage = Command.Usage({
    description: "runs side by side: the params that differ, and the metrics",
    examples: [["two runs", "ttm runs compare experiments/NAME/TIME1 experiments/NAME/TIME2"]],
  });

  all = Option.Boolean("--all", false, { description: "params that are alike, too" });
  json = Option.Boolean("--json", false, { description: "print JSON" });
  csv = Option.Boolean("--csv", false, { description: "print CSV" });
  runs = Option.Rest({ name: "RUN" });

  async execute(): Promise<number> {
    if (this.runs.length < 2) {
      throw new CliError("CLI_USAGE", "a comparison takes two runs or more", {
        where: `ttm runs compare ${this.runs.join(" ")}`,
        fix: "ttm runs compare RUN RUN; ttm runs list shows them",
      });
    }
    const views: RunView[] = [];
    for (const word of this.runs) views.push(await readRunView(await findRun(word, runPlaces())));
    const exact = this.csv || this.json;
    const rows = comparedRows(views, this.all, exact);
    const head = ["", ...views.map(({ name }, at) => (isUnique(views, name) ? name : `${name} (${at + 1})`))];
    if (this.json) {
      const objects = views.map(({ folder }, at) => ({
        folder,
        ...Object.fromEntries(rows.map((row) => [row.name, row.values[at] ?? null])),
      }));
      this.context.stdout.write(`${JSON.stringify(objects, null, 2)}\n`);
      return 0;
    }
    const cells = rows.map(({ name, values }) => [name, ...values.map((value) => cellText(value, exact))]);
    const table = { head, rows: cells };
    this.context.stdout.write(this.csv ? csvTable(table) : plainTable(table));
    return 0;
  }
}

interface ComparedRow {
  readonly name: string;
  readonly values: readonly unknown[];
}

function comparedRows(views: readonly RunView[], all: boolean, exact: boolean): ComparedRow[] {
  const row = (name: string, read: (view: RunView) => unknown): ComparedRow => ({
    name,
    values: views.map(read),
  });
  const differs = ({ values }: ComparedRow) =>
    new Set(values.map((value) => JSON.stringify(value ?? null))).size > 1;
  const params = namesOf(views, ({ params: it }) => it).map((name) =>
    row(`params.${name}`, (view) => view.params[name]),
  );
  const metrics = namesOf(views, ({ metrics: it }) => it).map((name) =>
    row(`metrics.${name}`, (view) => view.metrics[name]),
  );
  return [
    row("status", ({ status }) => status),
    row("seconds", ({ seconds }) => (exact || seconds === null ? seconds : Math.round(seconds))),
    ...params.filter((it) => all || differs(it)),
    ...metrics,
  ];
}

function namesOf(views: readonly RunView[], mapOf: (view: RunView) => object): string[] {
  return [...new Set(views.flatMap((view) => Object.keys(mapOf(view))))].sort();
}

function isUnique(views: readonly RunView[], name: string): boolean {
  return views.filter((view) => view.name === name).length === 1;
}
