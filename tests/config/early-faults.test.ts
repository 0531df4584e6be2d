import { describe, expect, it } from "vitest";
import { loadYaml } from "../../src/config/index.ts";

/** A large text that is not written plainly, so that the whole reader has it. */
const large = `first: "a\\tb"\n${Array.from({ length: 3_000 }, (_, n) => `k${n}: "x"\n`).join("")}`;

const faultOf = (text: string) => {
  try {
    loadYaml(text, "f.yaml");
  } catch (error) {
    return error;
  }
  return undefined;
};

describe("a large text", () => {
  it.each([
    ["a key that is there twice", 'first: "c"\n', "CONFIG_DUPLICATE_KEY", "'first' is here twice"],
    ["an anchor that is there twice", "a: &n 1\nb: &n 2\n", "CONFIG_YAML_SYNTAX", "anchor 'n' is here twice"],
    ["a tag that nobody knows", "a: !odd 1\n", "CONFIG_YAML_TAG", "unknown tag '!odd'"],
  ])("with %s is refused at once, as a small one is", (_, more, code, message) => {
    const fault = { code, message };
    expect(faultOf(`${large}${more}last: 1\n`)).toMatchObject(fault);
    expect(faultOf(`first: "a\\tb"\n${more}last: 1\n`)).toMatchObject(fault);
  });

  it.each([
    ["texts that look like anchors and tags", 'a: "&n"\nb: "&n"\nc: x &n\nd: y &n !odd\n'],
    ["merge keys", "a: &n {k: 1}\nb:\n  <<: *n\n  c: 1\n<<: *n\n"],
    ["markers and core tags", "a: !!str 1\n"],
  ])("may hold %s", (_, more) => {
    expect(faultOf(large + more)).toBeUndefined();
  });
});
