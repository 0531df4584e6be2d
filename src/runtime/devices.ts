import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus } from "node:os";
import { dirname, join } from "node:path";
import { encodeModel, type Graph } from "../onnx/index.ts";
import { OrtError } from "./errors.ts";
import { ORT_VERSION, ort, SILENT } from "./ort.ts";

export type Device = "cpu" | "cuda";

export interface DeviceStatus {
  readonly device: Device;
  /** Whether a session can be made on it, here and now. */
  readonly loadable: boolean;
  /** Why not. */
  readonly reason?: string;
}

/** What a run records about where it ran. */
export interface DeviceDescription {
  readonly device: Device;
  /** `AMD EPYC 7763, 8 cores`, or `CUDA device 0`. */
  readonly description: string;
  readonly onnxruntime: string;
}

/** CUDA needs these two files beside the binding, of the same version as onnxruntime-node. */
const PROVIDER_FILES = ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"];

const cudaStatus = new Map<number, Promise<DeviceStatus>>();

/**
 * Every device ttm knows, and whether it works. A GPU is tried once per thread, with a session of one node.
 *
 * @param deviceId  which GPU, counted from 0
 */
export async function listDevices(deviceId = 0): Promise<readonly DeviceStatus[]> {
  const cuda = cudaStatus.get(deviceId) ?? probeCuda(deviceId);
  cudaStatus.set(deviceId, cuda);
  return [{ device: "cpu", loadable: true }, await cuda];
}

/**
 * The device for the setting `runtime.device`: `auto` is cuda where it works, else cpu.
 *
 * @throws {OrtError} RUNTIME_DEVICE_UNAVAILABLE where cuda is asked for by name and does not work
 */
export async function resolveDevice(setting: "auto" | Device, deviceId = 0): Promise<Device> {
  if (setting !== "auto") {
    await requireDevice(setting, deviceId);
    return setting;
  }
  const devices = await listDevices(deviceId);
  return devices.some(({ device, loadable }) => device === "cuda" && loadable) ? "cuda" : "cpu";
}

/** @throws {OrtError} RUNTIME_DEVICE_UNAVAILABLE with the reason and what to install */
export async function requireDevice(device: Device, deviceId = 0): Promise<void> {
  if (device === "cpu") return;
  const status = (await listDevices(deviceId)).find((candidate) => candidate.device === device);
  if (status?.loadable) return;
  throw new OrtError("RUNTIME_DEVICE_UNAVAILABLE", `no session can be made on ${device}: ${status?.reason}`, {
    where: `runtime.device=${device}`,
    fix: [
      "type runtime.device=auto to use the CPU where there is no GPU,",
      `or put ${PROVIDER_FILES.join(" and ")} of onnxruntime-gpu ${ORT_VERSION} into ${bindingFolder()}`,
      "and the CUDA 13 libraries (cublas, curand, cudart) on LD_LIBRARY_PATH",
    ].join("\n"),
  });
}

export function describeDevice(device: Device, deviceId = 0): DeviceDescription {
  const model = cpus()[0]?.model.trim() ?? "CPU";
  const description =
    device === "cuda" ? `CUDA device ${deviceId}` : `${model}, ${availableParallelism()} cores`;
  return { device, description, onnxruntime: ORT_VERSION };
}

const probeGraph: Graph = {
  name: "probe",
  inputs: [{ name: "x", dtype: "float32", shape: [1] }],
  outputs: [{ name: "y", dtype: "float32", shape: [1] }],
  nodes: [{ op: "Relu", domain: "", name: "relu", inputs: ["x"], outputs: ["y"], attributes: {} }],
  initializers: new Map(),
};

async function probeCuda(deviceId: number): Promise<DeviceStatus> {
  const reason = missingCuda() ?? (await failureOfCuda(deviceId));
  return reason === undefined
    ? { device: "cuda", loadable: true }
    : { device: "cuda", loadable: false, reason };
}

/** What is missing by the look of it: saves a session that must fail. */
function missingCuda(): string | undefined {
  if (!ort.listSupportedBackends().some(({ name }) => name === "cuda")) {
    return `onnxruntime-node has no CUDA for ${process.platform}-${process.arch}`;
  }
  if (process.platform !== "linux") return undefined;
  const missing = PROVIDER_FILES.filter((file) => !existsSync(join(bindingFolder(), file)));
  return missing.length === 0 ? undefined : `${missing.join(" and ")} not installed`;
}

async function failureOfCuda(deviceId: number): Promise<string | undefined> {
  try {
    const session = await ort.InferenceSession.create(encodeModel(probeGraph).model, {
      executionProviders: [{ name: "cuda", deviceId }],
      logSeverityLevel: SILENT,
    });
    await session.release();
    return undefined;
  } catch (cause) {
    return loaderMessage() ?? (cause instanceof Error ? cause.message : String(cause));
  }
}

/**
 * ONNX Runtime keeps to itself which library it could not find; the loader says it when asked for the same file.
 * Only ever called after ONNX Runtime failed. Undefined where the file does load: then the fault is another.
 */
function loaderMessage(): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    process.dlopen({ exports: {} }, join(bindingFolder(), "libonnxruntime_providers_cuda.so"));
    return undefined;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : "";
    return message.includes("cannot open shared object file") ? message : undefined;
  }
}

function bindingFolder(): string {
  const entry = createRequire(import.meta.url).resolve("onnxruntime-node");
  return join(dirname(entry), "..", "bin", "napi-v6", process.platform, process.arch);
}
