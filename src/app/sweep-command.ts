import { resolve } from "node:path";
import { didYouMean } from "../core/index.ts";
import { commandList, sweepVerbs } from "./command-list.ts";
import type { AppCommand } from "./commands.ts";
import { AppError } from "./errors.ts";
import { type SweepVerb, sweepUsage } from "./sweep-verb.ts";

/** One row for each thing that can be done with a sweep that was begun; loaded when it is called. */
const verbs: Readonly<Record<(typeof sweepVerbs)[number], () => Promise<SweepVerb>>> = {
  status: async () => (await import("./sweep-status.ts")).sweepStatusVerb,
  follow: async () => (await import("./sweep-follow.ts")).sweepFollowVerb,
  cancel: async () => (await import("./sweep-cancel.ts")).sweepCancelVerb,
  resume: async () => (await import("./sweep-resume.ts")).sweepResumeVerb,
  export: async () => (await import("./sweep-export.ts")).sweepExportVerb,
};

/** `sweep status|follow|cancel|resume|export DIR`: looks at a sweep, or acts on it, from any other process. */
export const sweepCommand: AppCommand = {
  async run(app, words) {
    const [name = "", folder, ...rest] = words;
    const known = sweepVerbs.find((verb) => verb === name);
    const load = known === undefined ? undefined : verbs[known];
    if (load === undefined) {
      throw new AppError("APP_COMMAND_USAGE", `sweep cannot '${name}'`, {
        where: ["sweep", ...words].join(" "),
        fix: [didYouMean(name, sweepVerbs), `${app.options.name} ${commandList.sweep.usage}`]
          .filter(Boolean)
          .join("\n"),
      });
    }
    const verb = await load();
    if (folder === undefined || folder.startsWith("-")) throw sweepUsage(app, verb, words);
    return verb.run(app, resolve(app.host.cwd, folder), rest);
  },
};
