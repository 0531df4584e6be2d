import { commandList } from "./command-list.ts";
import type { AppCommand } from "./commands.ts";
import { AppError } from "./errors.ts";
import { isFlag, parseWords } from "./parse-words.ts";
import { runCommand } from "./run-command.ts";
import { readSavedRun } from "./saved-run.ts";

/**
 * `rerun FOLDER [overrides and flags]`: runs a saved config again, in a folder of its own. Everything else a command
 * line can do works too: `--cfg job`, `--explain`, `--dry-run`, a sweep with `-m`.
 */
export const rerunCommand: AppCommand = {
  async run(app, words) {
    const [folder, ...rest] = words;
    if (folder === undefined || isFlag(folder)) {
      throw new AppError("APP_COMMAND_USAGE", "rerun needs the folder of a run", {
        where: ["rerun", ...words].join(" "),
        fix: `${app.options.name} ${commandList.rerun.usage}`,
      });
    }
    const line = parseWords(rest);
    for (const [flag, value] of [
      ["--config-name", line.configName],
      ["--config-path", line.configPath],
      ["--config-dir", line.configDir],
    ]) {
      if (value === undefined) continue;
      throw new AppError(
        "APP_FLAG_CONFLICT",
        `${flag} does not go with rerun, which reads what the run saved`,
        {
          where: `${flag} ${value}`,
          fix: `leave ${flag} out`,
        },
      );
    }
    return runCommand({ ...app, line, saved: readSavedRun(folder, app.host.cwd) });
  },
};
