import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { heapGrowthFlag } from "../../../app/process/heap-growth.server";

describe("The heap’s growth", () => {
  it("FA-6 is bounded where Node was told nothing of it", () => {
    expect(heapGrowthFlag([])).toBe("--heap-growing-percent=100");
    expect(heapGrowthFlag(["--max-old-space-size=512"])).toBe("--heap-growing-percent=100");
  });

  it.each(["--heap-growing-percent=300", "--heap_growing_percent=300"])(
    "FA-6 stays as whoever started Node has it: %s",
    (flag) => expect(heapGrowthFlag(["--enable-source-maps", flag])).toBeNull(),
  );

  it("FA-6 is bounded by a flag that this Node knows", () => {
    const asked = spawnSync(process.execPath, [heapGrowthFlag([]) ?? "", "--eval", "0"]);
    expect([asked.status, String(asked.stderr)]).toEqual([0, ""]);
  });
});
