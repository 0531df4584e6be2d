import type { CommandLine } from "./parse-words.ts";

/**
 * The words of a sweep's command line that make it the sweep it is: what is composed and swept, not what was shown or how
 * the program was to go about it.
 */
export function sweepWords(line: CommandLine): readonly string[] {
  const flags = [
    ["--config-path", line.configPath],
    ["--config-name", line.configName],
    ["--config-dir", line.configDir],
  ].flatMap(([flag, value]) => (flag === undefined || value === undefined ? [] : [flag, value]));
  // Override words may begin with anything behind the dashes.
  return ["--multirun", ...flags, "--", ...line.words];
}
