// How long do people wait at a counter? A config says by what law they come and are served; the laws are registered names.
//
//     npx tsx examples/queue/queue.ts arrivals=timetable service.minutes=3.5
//     npx tsx examples/queue/queue.ts -m service=steady,varied seed=range(3)
//
// In a project of your own, import from "ttm/config" instead.
import { z } from "zod";
import { defineApp, instantiate, type TargetRegistry } from "../../src/app/index.ts";
import { Random } from "../../src/core/index.ts";

/** Minutes until the next event. */
type Law = (random: Random) => number;

const laws: TargetRegistry = {
  fixed: (settings): Law => {
    const { minutes } = z.object({ minutes: z.number().nonnegative() }).parse(settings);
    return () => minutes;
  },
  exponential: (settings): Law => {
    const { mean } = z.object({ mean: z.number().positive() }).parse(settings);
    return (random) => -mean * Math.log(1 - random.uniform());
  },
  mixture: ({ first, second, share }): Law => {
    const [one, other, part] = [first as Law, second as Law, z.number().parse(share)];
    return (random) => (random.uniform() < part ? one : other)(random);
  },
};

const schema = z.strictObject({
  arrivals: z.looseObject({ _target_: z.string() }),
  service: z.looseObject({ _target_: z.string() }),
  customers: z.int().positive(),
  seed: z.int(),
});

export const app = defineApp(
  {
    name: "queue",
    configDir: new URL("./conf", import.meta.url),
    configName: "config",
    schema,
    version: "1.0.0",
  },
  ({ customers, seed }, { composition }) => {
    const arrivals = instantiate(composition, "arrivals", laws) as Law;
    const service = instantiate(composition, "service", laws) as Law;
    const waits = simulate({ arrivals, service, customers, random: Random.fromSeed(seed) });
    const total = waits.reduce((sum, wait) => sum + wait, 0);
    return { mean_wait: total / waits.length, longest_wait: Math.max(...waits) };
  },
);

interface Counter {
  readonly arrivals: Law;
  readonly service: Law;
  readonly customers: number;
  readonly random: Random;
}

/** The minutes that each customer waits at a counter with one clerk; the first comes at minute 0. */
function simulate({ arrivals, service, customers, random }: Counter): number[] {
  const waits: number[] = [];
  let now = 0;
  let free = 0;
  for (let index = 0; index < customers; index++) {
    waits.push(Math.max(0, free - now));
    free = Math.max(free, now) + service(random);
    now += arrivals(random);
  }
  return waits;
}

if (process.argv[1] === import.meta.filename) process.exitCode = await app.main(process.argv.slice(2));
