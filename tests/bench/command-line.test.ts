import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parseOptions } from "../../scripts/bench/bench-options.ts";
import { runProgram } from "../../scripts/bench/run-program.ts";

const repository = resolve(import.meta.dirname, "../..");
const bench = (words: readonly string[], env: Record<string, string> = {}) =>
  runProgram(process.execPath, ["--import", "tsx", join(repository, "scripts/bench/main.ts"), ...words], {
    cwd: repository,
    env,
  });

describe("the command line of a benchmark", () => {
  it("repeats twice beside a peer and once alone", () => {
    expect(parseOptions(["step", "--json"]).options).toMatchObject({ json: true, peer: null, rounds: 1 });
    expect(parseOptions(["step", "--peer", "py"]).options).toMatchObject({ peer: "py", rounds: 2 });
    expect(parseOptions(["step", "--rounds", "5"]).options.rounds).toBe(5);
  });

  it.each([[["--rounds", "0"]], [["--rounds", "x"]], [["--colour"]]])("refuses %j", (words) => {
    expect(() => parseOptions(["step", ...words])).toThrow(
      expect.objectContaining({ code: "BENCH_BAD_OPTION", fix: expect.any(String) }),
    );
  });

  it.each(["tracker", "sweeps"])(
    "says which benchmarks there are instead of '%s', without a stack",
    async (name) => {
      const { exitCode, errors } = await bench([name]);
      expect(exitCode).toBe(2);
      expect(errors).toContain(`error BENCH_UNKNOWN_NAME: there is no benchmark '${name}'`);
      expect(errors).toMatch(/NAME one of: step, compose/);
      expect(errors).not.toContain("    at ");
    },
  );

  it("says what is missing where the shared files are not there", async () => {
    const { exitCode, errors } = await bench(["step"], { TTM_SHARED: join(repository, "no-such-folder") });
    expect(exitCode).toBe(2);
    expect(errors).toContain("error BENCH_NO_SHARED: this measurement needs models/ttm-r2-512-96");
    expect(errors).toContain("TTM_SHARED=FOLDER");
  });
});
