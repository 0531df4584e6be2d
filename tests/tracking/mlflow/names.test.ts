import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { artifactProxyPath } from "../../../src/tracking/mlflow/artifact-proxy-path.ts";
import { cleanName, cutText } from "../../../src/tracking/mlflow/clean-name.ts";
import { NameBook } from "../../../src/tracking/mlflow/name-book.ts";

describe("cleanName", () => {
  it.each([
    ["train/loss", "train/loss"],
    ["größe-1.5 :x_y", "größe-1.5 :x_y"],
    ["损失", "损失"],
    ["acc@5", "acc_5"],
    ["lr(%)", "lr___"],
    ["a[0]=b,c+d#e*f", "a_0__b_c_d_e_f"],
    ["tab\tnewline\n\0", "tab_newline__"],
    ["😀", "_"],
    ["/a//b/", "a/b"],
    ["./a", "_/a"],
    ["../a", "__/a"],
    ["..a", "__a"],
    [".", "_"],
    ["", "_"],
    ["/", "_"],
  ])("%j becomes %j", (name, clean) => expect(cleanName(name)).toBe(clean));

  it("gives keys that every server takes, whatever comes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (name) => {
        const key = cleanName(name);
        expect(key).toMatch(/^[/\p{L}\p{N}_.\- :]+$/u);
        expect([...key].length).toBeLessThanOrEqual(250);
        expect(key.split("/").filter((part) => ["", ".", ".."].includes(part))).toEqual([]);
        expect(cleanName(key)).toBe(key);
      }),
    );
  });
});

describe("NameBook", () => {
  it("never gives two names one key, and repeats itself on a second reading", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ab@#_2]{1,4}$/)), (names) => {
        const [one, two] = [new NameBook(() => undefined), new NameBook(() => undefined)];
        const keys = names.map((name) => one.nameOf(name));
        expect(names.map((name) => two.nameOf(name))).toEqual(keys);
        expect(new Set(keys).size).toBe(new Set(names).size);
      }),
    );
  });
});

describe("cutText", () => {
  it("cuts between code points", () => expect(cutText("😀😀😀", 2)).toBe("😀😀"));
});

describe("artifactProxyPath", () => {
  const root = "/api/2.0/mlflow-artifacts/artifacts";
  it.each([
    ["mlflow-artifacts:/412/r/artifacts", "a/b.txt", `${root}/412/r/artifacts/a/b.txt`],
    ["mlflow-artifacts://other:5000/412/r/artifacts", "b.txt", `${root}/412/r/artifacts/b.txt`],
    ["http://h/x/api/2.0/mlflow-artifacts/artifacts/412/r", "b.txt", `${root}/412/r/b.txt`],
    ["mlflow-artifacts:/1/r/artifacts", "ö +1%.txt", `${root}/1/r/artifacts/%C3%B6%20%2B1%25.txt`],
    ["mlflow-artifacts:/1/r/artifacts", "a#b", `${root}/1/r/artifacts/a_b`],
  ])("%s and %s", (uri, name, path) => expect(artifactProxyPath(uri, name)).toBe(path));

  it.each(["s3://bucket/x", "file:///srv/mlruns/1", "/srv/mlruns/1", "dbfs:/x"])(
    "refuses %s with a remedy",
    (uri) => {
      expect(() => artifactProxyPath(uri, "a")).toThrow(
        expect.objectContaining({
          code: "MLFLOW_ARTIFACT_STORE",
          fix: expect.stringContaining("--serve-artifacts"),
        }),
      );
    },
  );
});
