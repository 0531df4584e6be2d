import { describe, expect, it } from "vitest";
import { inTurn } from "../../scripts/bench/in-turn.ts";
import { besidePeer, summarise } from "../../scripts/bench/measurement.ts";
import { showLine } from "../../scripts/bench/show-line.ts";
import { innerRange, median } from "../../scripts/bench/statistics.ts";

describe("statistics", () => {
  it.each([
    [[3], 3],
    [[5, 1, 3], 3],
    [[4, 1, 3, 2], 2.5],
  ])("the median of %j is %f", (values, expected) => expect(median(values)).toBe(expected));

  it("leaves out a tenth at either end, as the baseline does", () => {
    const values = Array.from({ length: 20 }, (_, index) => 20 - index);
    expect(innerRange(values)).toEqual([3, 18]);
    expect(innerRange([7])).toEqual([7, 7]);
  });
});

describe("runs of one variant", () => {
  const runs = [
    { targets: "all-linear", ms_step_p50: 100, peak_rss_mb: 300 },
    { targets: "all-linear", ms_step_p50: 140, peak_rss_mb: 280 },
    { targets: "all-linear", ms_step_p50: 110, peak_rss_mb: 310 },
  ];

  it("become one line of medians", () => {
    expect(summarise(runs)).toEqual({ targets: "all-linear", ms_step_p50: 110, peak_rss_mb: 300 });
  });

  it("stand beside the peer with the peer's figure by ours", () => {
    const peer = { ms_step_p50: 275 };
    expect(besidePeer(summarise(runs), peer, { ratio: "ms_step_p50" })).toMatchObject({ ratio: 2.5, peer });
  });

  it("have no ratio where the peer has no such figure", () => {
    expect(besidePeer(summarise(runs), {}, { ratio: "ms_step_p50" })).toMatchObject({ ratio: null });
  });

  it("are shown with the peer's figures in brackets", () => {
    const line = besidePeer(summarise(runs), { ms_step_p50: 275 }, { ratio: "ms_step_p50" });
    expect(showLine(line)).toBe("all-linear  ms_step_p50 110 (275)  peak_rss_mb 300  ratio 2.5");
  });
});

describe("sides in turn", () => {
  it("run A B A B", async () => {
    const order: string[] = [];
    const side = (name: string) => async () => order.push(name);
    expect(await inTurn(2, [side("A"), side("B")])).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(order).toEqual(["A", "B", "A", "B"]);
  });
});
