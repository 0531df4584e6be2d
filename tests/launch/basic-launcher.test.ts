import { describe, expect, it } from "vitest";
import { basicLauncher, findLauncher, LaunchError } from "../../src/launch/index.ts";
import { launcherContract } from "../contracts/launcher.ts";

launcherContract("basic", basicLauncher);

describe("findLauncher", () => {
  it("knows the basic one by our name and by Hydra's", () => {
    expect(findLauncher("basic")).toBe(basicLauncher);
    expect(findLauncher("hydra._internal.core_plugins.basic_launcher.BasicLauncher")).toBe(basicLauncher);
  });

  it("suggests names, and loads nothing by path", () => {
    expect(() => findLauncher("basci")).toThrow(
      expect.objectContaining({ fix: expect.stringContaining("'basic'") }),
    );
    expect(() => findLauncher("./evil.js")).toThrow(LaunchError);
    expect(() => findLauncher("toString")).toThrow(LaunchError);
  });
});
