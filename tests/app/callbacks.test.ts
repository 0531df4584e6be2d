import { afterEach, describe, expect, it } from "vitest";
import type { Callback, CallbackFactory } from "../../src/app/index.ts";
import type { Fixture, FixtureTask } from "./app-fixture.ts";
import { fixture } from "./app-fixture.ts";

let app: Fixture;
afterEach(() => app.remove());

/** A callback that notes its hooks under the name it was given. */
function noting(notes: string[]): CallbackFactory {
  return (settings) => {
    const name = String(settings.get("name"));
    const note =
      (hook: string, shown: (...args: never[]) => string = () => "") =>
      (...args: never[]) => {
        notes.push(`${name} ${hook} ${shown(...args)}`.trim());
        if (settings.get("fails") === hook) throw new Error("broken");
      };
    const callback: Callback = {
      onRunStart: note("run start", ({ configName }: { configName: string }) => configName),
      onRunEnd: note("run end", (_event: never, { status }: { status: string }) => status),
      onMultirunStart: note("multirun start"),
      onMultirunEnd: note("multirun end", (_event: never, outcomes: unknown[]) => String(outcomes.length)),
      onJobStart: note("job start", () => String(process.env["TTM_TEST_SET"])),
      onJobEnd: note("job end", (_job: never, { status }: { status: string }) =>
        [status, String(process.env["TTM_TEST_SET"])].join(" "),
      ),
    };
    return callback;
  };
}

function started(task?: FixtureTask): string[] {
  const notes: string[] = [];
  app = fixture(task, { callbacks: { note: noting(notes) } });
  return notes;
}

const two = [
  "+hydra.callbacks.a={_target_: note, name: A}",
  "+hydra.callbacks.b={_target_: note, name: B}",
  "+hydra.job.env_set.TTM_TEST_SET=yes",
];

describe("hydra.callbacks", () => {
  it("are called in order at a start, backwards at an end; the job's environment holds for its start only", async () => {
    const notes = started();
    expect((await app.run(two)).exit).toBe(0);
    expect(notes).toEqual([
      "A run start config",
      "B run start config",
      "A job start yes",
      "B job start yes",
      "B job end completed undefined",
      "A job end completed undefined",
      "B run end completed",
      "A run end completed",
    ]);
  });

  it("are called around a sweep and each of its jobs, to the end even where one fails", async () => {
    const notes = started(({ seed }) => {
      if (seed === 1) throw new Error("no");
      return undefined;
    });
    expect((await app.run(["-m", "seed=1,2", two[0] ?? ""])).exit).toBe(1);
    expect(notes).toEqual([
      "A multirun start",
      "A job start undefined",
      "A job end failed undefined",
      "A job start undefined",
      "A job end completed undefined",
      "A multirun end 2",
    ]);
  });

  it("turn what they throw into a warning", async () => {
    started();
    const { exit, stderr } = await app.run([
      "+hydra.callbacks.a={_target_: note, name: A, fails: job start}",
    ]);
    expect([exit, stderr]).toEqual([0, "warning: hydra.callbacks.a failed in onJobStart: broken\n"]);
    expect(app.calls).toHaveLength(1);
  });

  it.each([
    ["+hydra.callbacks.a._target_=os.system", "LAUNCH_UNKNOWN_CALLBACK"],
    ["+hydra.callbacks.a._target_=constructor", "LAUNCH_UNKNOWN_CALLBACK"],
    ["+hydra.callbacks.a=5", "LAUNCH_SETTING"],
  ])("%s is refused before anything runs: %s", async (word, code) => {
    started();
    expect(await app.run([word])).toMatchObject({ exit: 1, stderr: expect.stringContaining(code) });
    expect([app.calls, app.has("outputs")]).toEqual([[], false]);
  });

  it("that come with Hydra go by its names: the return value in the log and beside the YAML", async () => {
    app = fixture(() => 0.25);
    const names = ["LogJobReturnCallback", "PickleJobInfoCallback"];
    const words = names.map(
      (name) => `+hydra.callbacks.${name}._target_=hydra.experimental.callbacks.${name}`,
    );
    expect((await app.run([...words, "hydra.run.dir=run"])).exit).toBe(0);
    expect(app.read("run/app.log")).toContain("Succeeded with return value: 0.25");
    expect(JSON.parse(app.read("run/.hydra/job_return.json"))).toMatchObject({
      status: "completed",
      result: 0.25,
    });
  });
});
