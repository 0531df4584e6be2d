import { relative } from "node:path";
import { formatDuration } from "../core/index.ts";
import { bestText } from "./best-job.ts";
import type { CommandApp } from "./commands.ts";
import { readSweepState, type SweepState } from "./sweep-state.ts";
import { type SweepVerb, sweepUsage } from "./sweep-verb.ts";

/** `sweep status DIR [--json]`: how far it is, who works on it, what runs, and what to type next. */
export const sweepStatusVerb: SweepVerb = {
  usage: "status DIR [--json]",
  async run(app, dir, words) {
    const isJson = words.length === 1 && words[0] === "--json";
    if (words.length > 0 && !isJson) throw sweepUsage(app, sweepStatusVerb, ["status", dir, ...words]);
    const state = readSweepState(dir);
    app.host.stdout(isJson ? `${JSON.stringify(statusRecord(dir, state))}\n` : statusText(app, dir, state));
    return 0;
  },
};

function statusRecord(dir: string, { facts, state, holder, outcomes, running, best }: SweepState) {
  return {
    dir,
    state,
    process: holder === undefined ? null : { pid: holder.pid, host: holder.host, since: holder.since },
    total: facts.total ?? null,
    ...countsOf(outcomes),
    running: running.map(({ num, attempt, overrides, dir: folder, startedAt }) => ({
      num,
      attempt,
      overrides,
      dir: folder,
      started_at: startedAt,
    })),
    best:
      best === undefined
        ? null
        : {
            num: best.outcome.num,
            value: best.value,
            overrides: best.outcome.overrides,
            dir: best.outcome.dir,
          },
  };
}

function countsOf(outcomes: SweepState["outcomes"]) {
  const count = (status: string) => outcomes.filter((outcome) => outcome.status === status).length;
  return { completed: count("completed"), pruned: count("pruned"), failed: count("failed") };
}

function statusText({ host, options }: CommandApp, dir: string, state: SweepState): string {
  const { facts, holder, outcomes, running, best } = state;
  const shown = relative(host.cwd, dir) || ".";
  const { completed, pruned, failed } = countsOf(outcomes);
  const isLive = holder !== undefined;
  const counts = [
    `${outcomes.length} of ${facts.total ?? "?"} jobs have ended: ${completed} completed`,
    ...(pruned > 0 ? [`${pruned} pruned`] : []),
    `${failed} failed`,
  ].join(", ");
  const lines: [string, string][] = [
    ["sweep", shown],
    [
      "state",
      isLive ? `running (process ${holder.pid} on ${holder.host}, since ${holder.since})` : state.state,
    ],
    ["jobs", counts],
    ...running.map(({ num, overrides, attempt, startedAt }): [string, string] => {
      const time = formatDuration(host.now().getTime() - Date.parse(startedAt));
      const again = attempt > 1 ? `   attempt ${attempt}` : "";
      return [
        isLive ? "running" : "open",
        `#${num}  ${overrides.join(" ")}   ${isLive ? time : `since ${startedAt}`}${again}`,
      ];
    }),
    ...(best === undefined ? [] : [["best", bestText(best)] satisfies [string, string]]),
    ["next", nextCommand(options.name, shown, state)],
  ];
  return lines.map(([name, text]) => `${name.padEnd(8)}${text}\n`).join("");
}

function nextCommand(app: string, shown: string, { state, best }: SweepState): string {
  if (state === "running") return `${app} sweep follow ${shown}`;
  if (state !== "completed" && state !== "failed") return `${app} sweep resume ${shown}`;
  return best?.outcome.dir
    ? `${app} rerun ${shown}/${best.outcome.num}`
    : `${app} sweep export ${shown} --csv jobs.csv`;
}
