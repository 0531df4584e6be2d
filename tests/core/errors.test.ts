import { describe, expect, it } from "vitest";
import { formatError, TtmError, TtmErrors, throwAll } from "../../src/core/index.ts";

class RoomError extends TtmError<"ROOM_FAULT"> {}

describe("the printed form of a fault", () => {
  it("has code, what, where with a caret, and the fix", () => {
    const error = new TtmError("CONFIG_UNKNOWN_GROUP", "no config group 'modle'", {
      where: { text: "override 1 of 2   modle=ttm", detail: ["                  ^^^^^"] },
      fix: "did you mean 'model'? it offers: chronos, ttm",
    });
    expect(formatError(error)).toBe(
      [
        "error CONFIG_UNKNOWN_GROUP: no config group 'modle'",
        "  at   override 1 of 2   modle=ttm",
        "                         ^^^^^",
        "  fix  did you mean 'model'? it offers: chronos, ttm",
      ].join("\n"),
    );
  });

  it("leaves out what there is not, and aligns further lines of a fix", () => {
    expect(formatError(new TtmError("A", "what"))).toBe("error A: what");
    expect(formatError(new TtmError("A", "what", { where: "file:1", fix: "one\ntwo" }))).toBe(
      "error A: what\n  at   file:1\n  fix  one\n       two",
    );
  });
});

describe("a fault", () => {
  it("is called by its room's class and keeps its cause", () => {
    const cause = new Error("deeper");
    const error = new RoomError("ROOM_FAULT", "what", { cause });
    expect(error).toMatchObject({ name: "RoomError", code: "ROOM_FAULT", message: "what", cause });
    expect(error).toBeInstanceOf(TtmError);
    expect("cause" in new RoomError("ROOM_FAULT", "what")).toBe(false);
  });

  it("is thrown alone, or with the others", () => {
    const [one, two] = [new TtmError("A", "first"), new TtmError("B", "second")];
    expect(() => throwAll([])).not.toThrow();
    expect(() => throwAll([one])).toThrow(one);
    expect(() => throwAll([one, two])).toThrow(
      expect.objectContaining({ name: "TtmErrors", message: "first; second", errors: [one, two] }),
    );
    expect(new TtmErrors([one])).toBeInstanceOf(AggregateError);
  });
});
