import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { TerminalReporter } from "../../src/cli/terminal-reporter.ts";
import { TrackingError } from "../../src/tracking/index.ts";

function reporter(isTTY: boolean) {
  let [text, time] = ["", 0];
  const stream = new PassThrough();
  stream.on("data", (chunk) => {
    text += String(chunk);
  });
  const terminal = Object.assign(stream, { isTTY, columns: 120, rows: 40 });
  const made = new TerminalReporter({ stream: terminal as never, now: () => time });
  return {
    reporter: made,
    text: () => text,
    tick: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

const step = (number: number) => ({
  step: number,
  totalSteps: 10,
  epoch: 1,
  loss: 0.5,
  gradNorm: 1,
  learningRate: 1e-3,
});
const header = {
  experimentName: "waves",
  runDir: null,
  model: "tiny",
  weights: "random initialisation",
  data: { name: "csv", rows: 10, channels: 2 },
  windows: { train: 3, validation: 2, test: 1 },
  trainable: 1234,
  total: 12_340,
  percent: 10,
  method: "LoRA, rank 2",
  device: "cpu",
  workers: 1,
};

describe("TerminalReporter", () => {
  it("shows the header first, then the notes that came before it", () => {
    const { reporter: shown, text } = reporter(false);
    shown.note("first");
    shown.warning(new TrackingError("TRACKING_DISK", "no room", { fix: "free some" }));
    shown.header(header);
    shown.note("later");
    expect(text()).toMatch(
      /^experiment {2}waves\n[\s\S]*values \(10\.00 %\)\n[\s\S]*\nnote {8}first\nwarning TRACKING_DISK: no room\n {2}fix {2}free some\nnote {8}later\n$/,
    );
  });

  it("draws no progress where there is no terminal", () => {
    const { reporter: shown, text, tick } = reporter(false);
    shown.header(header);
    const before = text();
    for (let number = 1; number < 10; number++) {
      tick(1_000);
      shown.step(step(number) as never);
    }
    expect(text()).toBe(before);
  });

  it("draws loss and the time left on a terminal", () => {
    const { reporter: shown, text, tick } = reporter(true);
    shown.header(header);
    tick(1_000);
    shown.step(step(1) as never);
    tick(1_000);
    shown.step(step(2) as never);
    expect(text()).toContain("step 2/10");
    expect(text()).toContain("loss 0.5000");
    expect(text()).toMatch(/at most \d+ s left/);
  });

  it("shows notes of a run that failed before its header", () => {
    const { reporter: shown, text } = reporter(false);
    shown.note("first");
    shown.close();
    expect(text()).toBe("note        first\n");
  });
});
