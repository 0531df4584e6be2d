import { parseOverrides } from "../../src/config/index.ts";
import { hydraMap } from "../../src/launch/index.ts";
import { requestSlots } from "../../src/sweep/index.ts";
import type { Answer } from "./answer.ts";
import { beyondHydra } from "./beyond-hydra.ts";
import { quotedSigns, withoutQuotedParts } from "./edit-words.ts";
import type { DivergenceRule } from "./replay.ts";
import { composerOf, jobAnswer, type SweepCase, type SweepJob, sweepAnswer } from "./sweep-case.ts";

/** Sweeps that we answer otherwise than Hydra 1.3 on purpose. Anything outside these rules is a bug. */
export function sweepDivergences(dir: string): readonly DivergenceRule<SweepCase, Answer>[] {
  return [
    {
      name: "empty-sweep",
      reason: "Hydra runs nothing and says nothing where a range or pattern is empty; we say which",
      applies: ({ expect }) => jobsIn(expect)?.length === 0,
      promised: () => ({ error: { kind: "sweep-empty" } }),
    },
    {
      name: "typed-values",
      reason:
        "Hydra reads jobs again from text, so quotes and casts inside functions are lost; our values keep their type",
      applies: (item) => wordsOf(item).some((word) => /\w\s*\(.*['"]|\bstr\s*\(/.test(word)),
      promised: (item) => typedJobs(item, dir),
    },
    {
      ...beyondHydra.unquotedText,
      applies: (item) => isRefusedWord(item) && sweepWords(item).some((word) => quotedSigns(word) !== word),
      promised: (item) => typedJobs(item, dir),
    },
    {
      ...beyondHydra.extensions,
      applies: (item) =>
        isRefusedWord(item) && sweepWords(item).some((word) => ownCall.test(withoutQuotedParts(word))),
      promised: (item) => typedJobs(item, dir),
    },
    {
      name: "float-range",
      reason: "Hydra 1.3 adds binary fractions, with noise and an extra value; 1.4's decimal arithmetic",
      applies: hasFloatRange,
      promised: (item) => typedJobs(item, dir),
    },
    {
      name: "params-on-the-command-line",
      reason: "Hydra crashes on hydra.sweeper.params given on the command line; we take it",
      applies: ({ overrides }) => overrides.some((word) => /^\+{0,2}hydra\.sweeper\.params\b/.test(word)),
      promised: (item) => typedJobs(item, dir),
    },
    {
      name: "words-as-typed",
      reason:
        "in a job's words Hydra shows ~key as ~key=null and interpolations with backslashes; we show both as typed",
      applies: (item) =>
        wordsOf(item).some((word) => word.includes("${")) || item.overrides.some(isBareDeletion),
      promised: wordsAsTyped,
    },
    {
      name: "empty-subdir",
      reason:
        "with an empty hydra.sweep.subdir Hydra puts the job into the sweep's own folder; we give it its number",
      applies: ({ expect }) => jobsIn(expect)?.some(({ subdir }) => subdir === "." || subdir === "") === true,
      promised: (item) => {
        const answer = wordsAsTyped(item);
        const numbered = (job: SweepJob) =>
          /^\.?$/.test(job.subdir) ? { ...job, subdir: String(job.num) } : job;
        return { ...answer, jobs: jobsIn(answer)?.map(numbered) };
      },
    },
  ];
}

function jobsIn(answer: Answer): readonly SweepJob[] | undefined {
  return answer["jobs"] as readonly SweepJob[] | undefined;
}

/** The command line's words and the texts of files, where `hydra.sweeper.params` may be. */
function wordsOf({ overrides, files = {} }: SweepCase): string[] {
  return [...overrides, ...Object.values(files).filter((text) => text.includes("params:"))];
}

const ownCall = /=\s*(?:append|extend_list|prepend|remove|insert)\s*\(/;

function isRefusedWord({ expect }: SweepCase): boolean {
  return /^override-/.test(expect.error?.kind ?? "");
}

/** The command line's words, and each line of `hydra.sweeper.params` as one. */
function sweepWords(item: SweepCase): string[] {
  const lines = wordsOf({ ...item, overrides: [] }).flatMap((text) => text.split(/[\n,]/));
  return [...item.overrides, ...lines.map((line) => line.replace(/:\s*['"]?/, "="))];
}

function isBareDeletion(word: string): boolean {
  return /^~[^=]+$/.test(word);
}

function wordsAsTyped({ expect, overrides }: SweepCase): Answer {
  return mapJobs(expect, (text) => plainDeletions(plainInterpolations(text), overrides));
}

function mapJobs(answer: Answer, change: (text: string) => string): Answer {
  const jobs = jobsIn(answer)?.map((job) => ({
    ...job,
    overrides: job.overrides.map(change),
    dirname: job.dirname === undefined ? undefined : change(job.dirname),
    subdir: change(job.subdir),
  }));
  return { ...answer, ...(jobs && { jobs }) };
}

/** `$\{a.b\}` as `${a.b}`. */
function plainInterpolations(text: string): string {
  return text.replace(
    /\$\\\{((?:\\.|[^\\])*?)\\\}/g,
    (_, inner: string) => `\${${inner.replace(/\\(.)/g, "$1")}}`,
  );
}

function plainDeletions(text: string, words: readonly string[]): string {
  const deletions = words.filter(isBareDeletion);
  return deletions.reduce((shown, word) => shown.replaceAll(`${word}=null`, word), text);
}

/**
 * The product of the parsed values, each job composed from them: what Hydra would answer if it kept types. Where Hydra has
 * recorded jobs and these are others, not only otherwise typed, Hydra's own stand.
 */
function typedJobs(item: SweepCase, dir: string): Answer {
  const answer = composedJobs(item, dir);
  const hydras = jobsIn(item.expect);
  return hydras === undefined || sameButForTypes(jobsIn(answer) ?? [], hydras, item) ? answer : item.expect;
}

/** Whether the jobs have the same words but for quotes, and numbers but for the noise of binary fractions. */
function sameButForTypes(ours: readonly SweepJob[], hydras: readonly SweepJob[], item: SweepCase): boolean {
  // That noise may also bring a range one value past its end.
  if (ours.length < hydras.length && hasFloatRange(item)) return true;
  return ours.length === hydras.length && ours.every((job, at) => sameWords(job, hydras[at]));
}

function sameWords(ours: SweepJob, hydras: SweepJob | undefined): boolean {
  const recorded = hydras?.overrides ?? [];
  return (
    ours.overrides.length === recorded.length &&
    ours.overrides.every((word, at) => sameWord(word, recorded[at] ?? ""))
  );
}

function hasFloatRange(item: SweepCase): boolean {
  return wordsOf(item).some((word) => /range\s*\([^)]*\d*[.e]\d/.test(word));
}

function sameWord(ours: string, hydras: string): boolean {
  const [a, b] = [ours, hydras].map((word) => word.replace(/['"\\\s]/g, ""));
  if (a === b) return true;
  const [x, y] = [a, b].map((word) => Number(word?.split("=").at(-1)));
  return x !== undefined && y !== undefined && Math.abs(x - y) <= 1e-9 * Math.max(1, Math.abs(x));
}

function composedJobs(item: SweepCase, dir: string): Answer {
  return sweepAnswer(() => {
    const composer = composerOf(item, dir);
    const master = composer.compose({ mode: "MULTIRUN", allowMissingChoices: true });
    const settings = hydraMap(master, "sweeper");
    const task = parseOverrides(item.overrides).filter(({ key }) => !/^hydra[./]/.test(key));
    const groupOptions = (group: string) => master.groupOptions(group);
    const slots = requestSlots({ overrides: task, settings, groupOptions });
    const points = slots.reduce<(typeof task)[]>(
      (rows, { values }) => rows.flatMap((row) => values.map((value) => (value ? [...row, value] : row))),
      [[]],
    );
    const size = Number(settings.get("max_batch_size") ?? points.length);
    const batches = points.flatMap((_, at) => (at % size === 0 ? [Math.min(size, points.length - at)] : []));
    return { jobs: points.map((point, num) => jobAnswer(composer.composeJob(point, num), num)), batches };
  });
}
