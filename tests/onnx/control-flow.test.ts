import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { decodeModel, elementCount, float32Tensor, OnnxError } from "../../src/onnx/index.ts";
import { createSession, evaluate } from "../../src/runtime/index.ts";

const fixture = (name: string) => readFileSync(new URL(`data/${name}.onnx`, import.meta.url));

describe("a model with parts inside of others", () => {
  it.each(["if-shape", "scan", "loop", "functions"])(
    "%s becomes one flat graph that computes the same",
    async (name) => {
      const graph = decodeModel(fixture(name));
      expect(graph.nodes.map(({ op }) => op)).not.toEqual(expect.arrayContaining(["If"]));
      for (const { op, domain } of graph.nodes)
        expect([domain, ["If", "Scan", "Loop"].includes(op)]).toEqual(["", false]);
      const random = Random.fromSeed(3);
      const feeds = Object.fromEntries(
        graph.inputs.map(({ name: input, shape }) => {
          const values = Array.from({ length: elementCount(shape) }, () => random.normal());
          return [input, float32Tensor(shape, values)];
        }),
      );
      const session = await createSession({ model: fixture(name) });
      const [expected, got] = [await session.run(feeds), await evaluate(graph, feeds)];
      for (const { name: output, shape } of graph.outputs) {
        expect(got[output]?.shape).toEqual(shape);
        expect(got[output]?.data, output).toEqual(expected[output]?.data);
      }
    },
  );

  it.each([
    ["subgraph", "If 'choose'", "depends on what is fed"],
    ["loop-open", "Loop 'endless'", "depends on what is fed"],
  ])("%s is refused by its node", (name, where, message) => {
    const read = () => decodeModel(fixture(name));
    expect(read).toThrow(OnnxError);
    expect(read).toThrow(
      expect.objectContaining({
        code: "ONNX_UNSUPPORTED",
        message: expect.stringContaining(message),
        where: { text: where },
      }),
    );
  });
});
