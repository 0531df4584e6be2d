import { describe, expect, it } from "vitest";
import { strftime } from "../../src/config/index.ts";

const date = new Date(2026, 0, 4, 15, 6, 7, 89);

// Expected values from C's strftime (Python 3.11), 4 January 2026, a Sunday.
describe("strftime", () => {
  it.each([
    ["%Y-%m-%d", "2026-01-04"],
    ["%H-%M-%S.%f", "15-06-07.089000"],
    ["%a %A %b %B", "Sun Sunday Jan January"],
    ["%j %U %W %V %G", "004 01 00 01 2026"],
    ["%I:%M %p", "03:06 PM"],
    ["%y %e %u %w", "26  4 7 0"],
    ["%c", "Sun Jan  4 15:06:07 2026"],
    ["100%%", "100%"],
    ["%Q", "%Q"],
  ])("%s", (pattern, text) => {
    expect(strftime(pattern, date)).toBe(text);
  });
});
