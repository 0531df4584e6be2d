import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import {
  describeDevice,
  listDevices,
  OrtError,
  requireDevice,
  resolveDevice,
} from "../../src/runtime/index.ts";

const cuda = (await listDevices()).find(({ device }) => device === "cuda");

describe("devices", () => {
  it("always has the CPU", async () => {
    expect((await listDevices())[0]).toEqual({ device: "cpu", loadable: true });
    expect(await resolveDevice("cpu")).toBe("cpu");
  });

  it("auto is cuda where it works, else cpu", async () => {
    expect(await resolveDevice("auto")).toBe(cuda?.loadable ? "cuda" : "cpu");
  });

  it.skipIf(cuda?.loadable)(
    "says why cuda does not work and what to type (skipped on a machine with CUDA)",
    async () => {
      const error: unknown = await requireDevice("cuda").catch((reason: unknown) => reason);
      if (!(error instanceof OrtError)) throw error;
      expect(error.code).toBe("RUNTIME_DEVICE_UNAVAILABLE");
      expect(error.message).toBe(`no session can be made on cuda: ${cuda?.reason}`);
      expect(error.where?.text).toBe("runtime.device=cuda");
      expect(error.fix).toContain("runtime.device=auto");
      await expect(resolveDevice("cuda")).rejects.toThrow(OrtError);
    },
  );

  it("describes the CPU with its cores and ONNX Runtime's version", () => {
    const { device, description, onnxruntime } = describeDevice("cpu");
    expect(device).toBe("cpu");
    expect(description).toContain(`${availableParallelism()} cores`);
    expect(onnxruntime).toMatch(/^1\.\d+\.\d+$/);
  });
});
