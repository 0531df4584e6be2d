import { relative } from "node:path";
import { Command, Option } from "clipanion";
import { findRun, type MetricSeries, type RunView, readRunView, readSeries } from "../tracking/index.ts";
import { formatDuration } from "./format.ts";
import { runPlaces } from "./runs-places.ts";
import { cellText, csvTable, plainTable } from "./runs-table.ts";
import { sparkline } from "./sparkline.ts";

/** `ttm runs show RUN`: what is known of a run, its metrics drawn. */
export class RunsShowCommand extends Command {
  static override paths = [["runs", "show"]];

  static override usage = Command.Usage({
    description: "what is known of a run: its facts, params, and metrics with their course",
    examples: [
      ["by its folder, its name or the beginning of its id", "ttm runs show experiments/NAME/TIME"],
      ["every point of every metric", "ttm runs show RUN --csv"],
    ],
  });

  run = Option.String({ required: true, name: "RUN" });
  json = Option.Boolean("--json", false, { description: "print JSON, with every point" });
  csv = Option.Boolean("--csv", false, { description: "print every point as CSV" });

  async execute(): Promise<number> {
    const found = await findRun(this.run, runPlaces());
    const view = await readRunView(found);
    const series = await readSeries(found.journalPath);
    if (this.json) this.context.stdout.write(`${JSON.stringify({ ...view, series }, null, 2)}\n`);
    else if (this.csv) this.context.stdout.write(csvTable(pointsTable(series)));
    else this.context.stdout.write(factLines(view) + paramLines(view) + seriesTable(view, series));
    return 0;
  }
}

function factLines(view: RunView): string {
  const facts: [string, string | null][] = [
    ["run", view.run_id],
    ["name", view.name],
    ["experiment", view.experiment],
    ["status", view.status],
    ["error", view.error === null ? null : cellText(view.error)],
    ["started", view.started_at],
    ["time", view.seconds === null ? null : formatDuration(1_000 * view.seconds)],
    ["parent", view.parent_run_id],
    ["folder", relative(process.cwd(), view.folder) || "."],
    ["tags", Object.keys(view.tags).length === 0 ? null : cellText(view.tags)],
  ];
  const lines = facts
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name.padEnd(11)} ${value}\n`);
  return lines.join("");
}

function paramLines({ params }: RunView): string {
  const rows = Object.entries(params).map(([name, value]) => [name, cellText(value, true)]);
  return rows.length === 0 ? "" : `\n${plainTable({ head: ["param", "value"], rows })}`;
}

function seriesTable(view: RunView, series: readonly MetricSeries[]): string {
  if (series.length === 0) return "";
  const rows = series.map(({ name, points }) => {
    const values = points.map(({ value }) => Number(value));
    const finite = values.filter(Number.isFinite);
    const [least, greatest] = [Math.min(...finite), Math.max(...finite)];
    return [
      name,
      String(points.length),
      cellText(view.metrics[name]),
      finite.length === 0 ? "" : cellText(least),
      finite.length === 0 ? "" : cellText(greatest),
      points.length < 2 ? "" : sparkline(values),
    ];
  });
  return `\n${plainTable({ head: ["metric", "points", "last", "least", "greatest", ""], rows })}`;
}

function pointsTable(series: readonly MetricSeries[]) {
  const rows = series.flatMap(({ name, points }) =>
    points.map(({ step, time, value }) => [name, String(step), String(time), String(value)]),
  );
  return { head: ["name", "step", "time", "value"], rows };
}
