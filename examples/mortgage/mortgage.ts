// A small app that has nothing to do with machine learning: what does a loan cost?
//
//     npx tsx examples/mortgage/mortgage.ts loan.years=20
//     npx tsx examples/mortgage/mortgage.ts -m loan=standard,short extra_payment=0,5000
//
// In a project of your own, import from "ttm/config" instead.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { defineApp } from "../../src/app/index.ts";

const schema = z.strictObject({
  loan: z.strictObject({
    amount: z.number().positive(),
    rate: z.number().nonnegative(),
    years: z.int().positive(),
  }),
  extra_payment: z.number().nonnegative(),
});

type Loan = z.infer<typeof schema>;

export const app = defineApp(
  {
    name: "mortgage",
    configDir: new URL("./conf", import.meta.url),
    configName: "config",
    schema,
    version: "1.0.0",
  },
  (config, { outputDir, log }) => {
    const plan = repay(config);
    writeFileSync(join(outputDir, "balance.csv"), `year,balance\n${plan.rows.join("\n")}\n`);
    log(`paid off after ${plan.rows.length} years`);
    return { instalment: plan.instalment, interest: plan.interest, years: plan.rows.length };
  },
);

/** Yearly instalments of an annuity loan, with an extra payment at the end of each year. */
function repay({ loan, extra_payment: extra }: Loan): {
  instalment: number;
  interest: number;
  rows: string[];
} {
  const { amount, rate, years } = loan;
  const instalment = rate === 0 ? amount / years : (amount * rate) / (1 - (1 + rate) ** -years);
  const rows: string[] = [];
  let balance = amount;
  let interest = 0;
  while (balance > 0.005) {
    interest += balance * rate;
    balance = Math.max(0, balance * (1 + rate) - instalment - extra);
    rows.push(`${rows.length + 1},${balance.toFixed(2)}`);
  }
  return { instalment, interest, rows };
}

if (process.argv[1] === import.meta.filename) process.exitCode = await app.main(process.argv.slice(2));
