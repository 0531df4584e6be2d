import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { BLOCK_BYTES } from "../../../src/tracking/wandb/frames.ts";
import { readWandbFile } from "../../../src/tracking/wandb/read-wandb-file.ts";
import { WandbFile } from "../../../src/tracking/wandb/wandb-file.ts";
import { historyRecord } from "../../../src/tracking/wandb/wandb-records.ts";

const row = (length: number) =>
  historyRecord([{ path: ["text"], json: JSON.stringify("x".repeat(length)) }], 0);

async function lengthsRead(path: string): Promise<number[]> {
  const lengths: number[] = [];
  for await (const { record } of readWandbFile(path)) {
    const { value, case: kind } = record.recordType;
    if (kind === "history") lengths.push(JSON.parse(value.item[0]?.valueJson ?? "").length);
  }
  return lengths;
}

it("gives records of any length back, wherever they meet the border of a block", async () => {
  const path = join(await mkdtemp(join(tmpdir(), "ttm-wandb-")), "run-x.wandb");
  const length = fc.oneof(fc.nat(100), fc.nat(3 * BLOCK_BYTES), fc.integer({ min: 32_660, max: 32_760 }));
  const lists = fc.array(length, { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(lists, async (lengths) => {
      const file = await WandbFile.open(path, { size: 0, num: 0 });
      for (const it of lengths) file.write(row(it));
      await file.close();
      expect(await lengthsRead(path)).toEqual(lengths);
    }),
    { numRuns: 60 },
  );
});

it("cuts a file back to its state, and numbers on from there", async () => {
  const path = join(await mkdtemp(join(tmpdir(), "ttm-wandb-")), "run-x.wandb");
  const first = await WandbFile.open(path, { size: 0, num: 0 });
  first.write(row(5));
  const { state } = first;
  first.write(row(40_000));
  await first.close();
  const second = await WandbFile.open(path, state);
  second.write(row(7));
  await second.close();
  expect(await lengthsRead(path)).toEqual([5, 7]);
  expect(second.state.num).toBe(2);
});

it("says of another file that it is none", async () => {
  const path = join(await mkdtemp(join(tmpdir(), "ttm-wandb-")), "run-x.wandb");
  await writeFile(path, "something else");
  await expect(lengthsRead(path)).rejects.toMatchObject({ code: "WANDB_FILE" });
});
