import { resolve } from "node:path";
import { AppComposer } from "../../src/app/app-composer.ts";
import { parseWords } from "../../src/app/parse-words.ts";
import { type Composition, nodeValue, pythonStr, toYaml } from "../../src/config/index.ts";
import { TtmError } from "../../src/core/index.ts";
import { hydraText } from "../../src/launch/index.ts";
import { type Answer, answerOf } from "./answer.ts";
import type { CaseFiles } from "./case-folder.ts";

export interface SweepCase extends CaseFiles {
  readonly id: string;
  readonly config: string | null;
  readonly overrides: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly expect: Answer;
}

/** What the corpus records of one job. */
export interface SweepJob {
  readonly num: number;
  readonly overrides: readonly string[];
  readonly dirname: string | undefined;
  readonly subdir: string;
  readonly yaml: string;
}

const ownKinds: Readonly<Record<string, string>> = {
  SWEEP_KIND_UNSUPPORTED: "sweep-unsupported",
  SWEEP_EMPTY: "sweep-empty",
};

/** Our answer; the sweep room has kinds of its own. */
export function sweepAnswer(ask: () => Answer): Answer {
  return answerOf(() => {
    try {
      return ask();
    } catch (error) {
      const kind = error instanceof TtmError ? ownKinds[error.code] : undefined;
      if (kind === undefined) throw error;
      return { error: { kind } };
    }
  });
}

/** The command line's compositions, as the app makes them. */
export function composerOf(item: SweepCase, dir: string): AppComposer {
  const options = { name: "app", configDir: dir, configName: item.config, version: "1" };
  const host = { cwd: dir, env: { ...item.env }, stdout: () => {}, stderr: () => {}, now: () => new Date(0) };
  return new AppComposer(options, { ...parseWords([]), words: item.overrides }, host);
}

/** The recorded parts of one composed job. */
export function jobAnswer(composition: Composition, num: number): SweepJob {
  const dirname = composition.read("hydra.job.override_dirname");
  const subdir = hydraText(composition, "sweep.subdir") ?? "";
  return {
    num,
    overrides: composition.overrides.task,
    dirname: dirname === undefined ? undefined : pythonStr(nodeValue(dirname)),
    subdir: resolve("/", subdir) === "/" ? String(num) : subdir,
    yaml: toYaml(composition.config),
  };
}
