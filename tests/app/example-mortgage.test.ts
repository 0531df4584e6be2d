import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { app } from "../../examples/mortgage/mortgage.ts";

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "ttm-mortgage-"));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

describe("examples/mortgage", () => {
  it("repays a loan as the annuity formula says", async () => {
    // 1000 at 10 % in 2 years: 1000 · 0.1 / (1 − 1.1⁻²) = 576.190…; interest 2 · 576.190… − 1000
    const outcome = await app.run(["loan.amount=1000", "loan.rate=0.1", "loan.years=2"], { host: { cwd } });
    expect(outcome).toMatchObject({
      status: "completed",
      result: { instalment: expect.closeTo(576.19, 2), interest: expect.closeTo(152.38, 2), years: 2 },
    });
    expect(readFileSync(join(outcome.dir ?? "", "balance.csv"), "utf8")).toBe(
      "year,balance\n1,523.81\n2,0.00\n",
    );
  });

  it("compares loans in a sweep", async () => {
    let table = "";
    const stderr = (text: string) => {
      table += text;
    };
    const exit = await app.main(["-m", "loan=standard,short", "extra_payment=0,5000"], { cwd, stderr });
    expect(exit).toBe(0);
    expect(table).toMatch(
      /# {2}loan +extra_payment +status +instalment +interest +years\n0 {2}standard {2}0 /,
    );
  });

  it("names the key of a wrong value", async () => {
    let fault = "";
    const stderr = (text: string) => {
      fault += text;
    };
    expect(await app.main(["loan.years=0.5"], { cwd, stderr })).toBe(1);
    expect(fault).toContain("'loan.years'");
  });
});
