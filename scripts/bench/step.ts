import { join } from "node:path";
import { type BenchOptions, defaultThreads, listOf, wholeNumber } from "./bench-options.ts";
import { compileProject } from "./compiled.ts";
import { BenchError } from "./errors.ts";
import { inTurn } from "./in-turn.ts";
import { besidePeer, type Measurement, summarise } from "./measurement.ts";
import { lastLines, type ProgramResult, runProgram } from "./run-program.ts";
import { sharedFile } from "./shared-file.ts";
import { round } from "./statistics.ts";
import { devices, dropoutRates, precisions, type StepVariant, targetNames } from "./step-variant.ts";

const peerModes = ["eager", "compile"] as const;
type PeerMode = (typeof peerModes)[number];

/** The time of a step; on a busy machine trust its CPU time at `--threads 1` more. */
const ratios = {
  ratio: "ms_step_p50",
  ratio_cpu: "cpu_ms_step_p50",
  ratio_memory: "peak_rss_mb",
  ratio_start: "start_to_first_step_s",
  ratio_evaluation: "evaluation_s",
};

/**
 * A LoRA train step of TTM-R2 512→96 on ETTh1 (64 windows × 7 channels, r 8, α 16, AdamW, clip 1): milliseconds,
 * start-up, one epoch, peak memory. The peer is PyTorch with PEFT.
 */
export async function* benchStep(options: BenchOptions): AsyncGenerator<Record<string, unknown>> {
  const variants = stepVariants(options);
  const modes = listOf(options.values["modes"] ?? "eager", "--modes", peerModes);
  const compiled = await compileProject();
  for (const variant of variants) {
    const ours = () => runOurs(compiled, variant);
    if (options.peer === null) {
      const [runs = []] = await inTurn(options.rounds, [ours]);
      yield summarise(runs);
      continue;
    }
    const python = options.peer;
    const peers = modes.map((mode) => () => runPeer(python, variant, mode));
    const [runs = [], ...others] = await inTurn(options.rounds, [ours, ...peers]);
    for (const other of others) yield besidePeer(summarise(runs), summarise(other), ratios);
  }
}

function stepVariants({ values, quick }: BenchOptions): StepVariant[] {
  const targets = listOf(values["targets"] ?? targetNames.join(), "--targets", targetNames);
  const known = Object.keys(dropoutRates) as (keyof typeof dropoutRates)[];
  const dropouts = listOf(values["dropout"] ?? "off,recipe", "--dropout", known);
  const common = {
    threads: wholeNumber(values["threads"] ?? defaultThreads(), "--threads"),
    steps: wholeNumber(values["steps"] ?? "20", "--steps"),
    warmup: 5,
    microBatch: values["piece"] === undefined ? null : wholeNumber(values["piece"], "--piece"),
    epoch: !quick,
    stepsPerRun: wholeNumber(values["steps-per-run"] ?? "1", "--steps-per-run"),
    model: sharedFile("models/ttm-r2-512-96"),
    data: sharedFile("data/ett/ETTh1.csv"),
  };
  const [device = "cpu"] = listOf(values["device"] ?? "cpu", "--device", devices);
  const amps = listOf(
    values["amp"] ?? "none",
    "--amp",
    Object.keys(precisions) as (keyof typeof precisions)[],
  );
  return targets.flatMap((target) =>
    dropouts.flatMap((dropout) => amps.map((amp) => ({ ...common, device, amp, targets: target, dropout }))),
  );
}

async function runOurs(compiled: string, variant: StepVariant): Promise<Measurement> {
  const program = join(compiled, "scripts/bench/step-run.js");
  const result = await runProgram(process.execPath, [program, JSON.stringify(variant), String(Date.now())]);
  return measurementOf(result, "BENCH_RUN_FAILED");
}

async function runPeer(python: string, variant: StepVariant, mode: PeerMode): Promise<Measurement> {
  const { targets, dropout, threads, steps, warmup, epoch, model, data, device, amp } = variant;
  const axes = { targets, dropout, modes: mode, threads, steps, warmup, model, data, device, amp };
  const words = Object.entries(axes).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const script = sharedFile("baselines/torch_peft_step.py");
  const result = await runProgram(python, [script, ...words, ...(epoch ? [] : ["--no-epoch"])]);
  return measurementOf(result, "BENCH_PEER_FAILED");
}

function measurementOf(result: ProgramResult, code: "BENCH_PEER_FAILED" | "BENCH_RUN_FAILED"): Measurement {
  const line = result.output.trim().split("\n").at(-1) ?? "";
  const measured = line.startsWith("{") ? (JSON.parse(line) as Measurement) : undefined;
  if (result.exitCode === 0 && measured && !("error" in measured)) return withEvaluation(measured);
  const peer = code === "BENCH_PEER_FAILED";
  throw new BenchError(code, peer ? "the peer could not be measured" : "our step could not be measured", {
    where: measured ? String(measured["error"]) : lastLines(result),
    fix: peer
      ? "give --peer an interpreter that has baselines/requirements.txt installed"
      : "npm run check, then run the same command again",
  });
}

/** `epoch_eval_s` holds an epoch and the test windows; these by themselves are `evaluation_s`. */
function withEvaluation(measured: Measurement): Measurement {
  const { epoch_train_s: train, epoch_eval_s: both } = measured;
  if (typeof train !== "number" || typeof both !== "number") return measured;
  return { ...measured, evaluation_s: round(both - train, 3) };
}
