import { relative } from "node:path";
import { Command, Option } from "clipanion";
import {
  type FoundRun,
  findRuns,
  lookUp,
  parseFilter,
  type RunView,
  readRunView,
  readSeries,
} from "../tracking/index.ts";
import { CliError } from "./errors.ts";
import { formatDuration } from "./format.ts";
import { runPlaces } from "./runs-places.ts";
import { cellText, csvTable, plainTable } from "./runs-table.ts";
import { sparkline } from "./sparkline.ts";

/** Metrics that are shown where runs have them and nobody asks for columns. */
const USUAL_METRICS = ["val_loss", "test_mse", "best_epoch"];
/** The series that is drawn. */
const DRAWN = ["val_loss", "train_loss"];

interface ListedRun {
  readonly found: FoundRun;
  readonly view: RunView;
}

/** `ttm runs list [FOLDER…]`: the runs in folders, filtered, sorted, as a table, JSON or CSV. */
export class RunsListCommand extends Command {
  static override paths = [["runs", "list"], ["runs"]];

  static override usage = Command.Usage({
    description: "the runs in folders; experiments and multirun where none is named",
    details:
      "A filter compares run_id, name, experiment, status, started_at, seconds, metrics.NAME, params.NAME, tags.NAME or a JSONPath ($…) with values by = != < <= > >= ~ (holds) and in (…), joined by and, or, not.",
    examples: [
      [
        "the best of those that are done",
        "ttm runs list --where 'metrics.test_mse < 0.3 and status = completed' --sort metrics.test_mse",
      ],
      [
        "other columns, newest first",
        "ttm runs list --columns name,params.training.learning_rate,metrics.val_loss --sort started_at --desc",
      ],
    ],
  });

  where = Option.String("--where", { description: "a filter" });
  sort = Option.String("--sort", { description: "a path to sort by; started_at where left out" });
  desc = Option.Boolean("--desc", false, { description: "the greatest comes first" });
  columns = Option.String("--columns", { description: "paths, with commas between them" });
  limit = Option.String("--limit", { description: "show at most so many" });
  json = Option.Boolean("--json", false, { description: "print a JSON list with everything that is known" });
  csv = Option.Boolean("--csv", false, { description: "print CSV" });
  folders = Option.Rest({ name: "FOLDER" });

  async execute(): Promise<number> {
    const runs = await this.#chosen();
    if (this.json) {
      this.context.stdout.write(
        `${JSON.stringify(
          runs.map(({ view }) => view),
          null,
          2,
        )}\n`,
      );
      return 0;
    }
    if (runs.length === 0 && !this.csv) {
      this.context.stdout.write(this.where === undefined ? "no runs\n" : "no run fits\n");
      return 0;
    }
    const table =
      this.columns === undefined ? await this.#usualTable(runs) : await this.#askedTable(this.columns, runs);
    this.context.stdout.write(this.csv ? csvTable(table) : plainTable(table));
    return 0;
  }

  async #chosen(): Promise<ListedRun[]> {
    const wanted = parseFilter(this.where ?? "run_id or name");
    const chosen: ListedRun[] = [];
    for (const found of (await Promise.all(runPlaces(this.folders).map(findRuns))).flat()) {
      const view = await readRunView(found);
      if (await wanted(view)) chosen.push({ found, view });
    }
    return (await sorted(chosen, this.sort ?? "started_at", this.desc)).slice(0, limitOf(this.limit));
  }

  async #askedTable(columns: string, runs: readonly ListedRun[]) {
    const head = columns.split(",").map((column) => column.trim());
    const row = ({ view }: ListedRun) =>
      Promise.all(head.map(async (path) => cellText(await lookUp(view, path), this.csv)));
    return { head, rows: await Promise.all(runs.map(row)) };
  }

  async #usualTable(runs: readonly ListedRun[]) {
    const metrics = USUAL_METRICS.filter((name) => runs.some(({ view }) => name in view.metrics));
    const drawn = this.csv ? undefined : DRAWN.find((name) => runs.some(({ view }) => name in view.metrics));
    const head = [
      "run",
      "status",
      "started",
      "time",
      ...metrics,
      ...(drawn === undefined ? [] : [`${drawn} …`]),
    ];
    const rows = runs.map(async ({ found, view }) => [
      relative(process.cwd(), found.runDir) || ".",
      view.status,
      view.started_at?.replace("T", " ").slice(0, 19) ?? "",
      view.seconds === null ? "" : this.csv ? String(view.seconds) : formatDuration(1_000 * view.seconds),
      ...metrics.map((name) => cellText(view.metrics[name], this.csv)),
      ...(drawn === undefined ? [] : [await drawing(found, drawn)]),
    ]);
    return { head, rows: await Promise.all(rows) };
  }
}

async function drawing({ journalPath }: FoundRun, name: string): Promise<string> {
  const series = (await readSeries(journalPath)).find((it) => it.name === name);
  return sparkline(series?.points.map(({ value }) => Number(value)) ?? [], 16);
}

/** By number where both are, else by text; runs without the value come last. */
async function sorted(runs: readonly ListedRun[], path: string, desc: boolean): Promise<ListedRun[]> {
  const sign = desc ? -1 : 1;
  const keyed = await Promise.all(runs.map(async (run) => ({ run, key: await lookUp(run.view, path) })));
  const missing = (key: unknown) => (key === undefined || key === null ? 1 : 0);
  keyed.sort((a, b) => {
    const late = missing(a.key) - missing(b.key);
    if (late !== 0) return late;
    if (typeof a.key === "number" && typeof b.key === "number") return sign * (a.key - b.key);
    return sign * String(a.key).localeCompare(String(b.key));
  });
  return keyed.map(({ run }) => run);
}

function limitOf(text: string | undefined): number | undefined {
  if (text === undefined || /^\d+$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new CliError("CLI_USAGE", `--limit takes a whole number, not '${text}'`, {
    where: `--limit ${text}`,
    fix: "ttm runs list --limit 10",
  });
}
