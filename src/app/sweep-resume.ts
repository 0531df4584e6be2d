import { parseWords } from "./parse-words.ts";
import { resumeSweepCommand } from "./resume-sweep.ts";
import type { SweepVerb } from "./sweep-verb.ts";

/** `sweep resume DIR [words]`: the same as `--multirun --resume DIR [words]`. */
export const sweepResumeVerb: SweepVerb = {
  usage: "resume DIR [--retry-failed] [--detach] [key=value …]",
  async run(app, dir, words) {
    return resumeSweepCommand({ ...app, line: parseWords(words) }, dir);
  },
};
