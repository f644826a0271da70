import { readdirSync, readFileSync } from "node:fs";

/** Stops all processes of a PostgreSQL server as a disk that doesn’t answer would, or lets them go on. */
export function stallDatabase(port: number, stalled: boolean): void {
  const postmaster = processes().find(({ command }) => command.includes(`-p\0${port}\0`));
  if (postmaster === undefined) return;
  for (const { pid, parent } of processes()) {
    if (pid !== postmaster.pid && parent !== postmaster.pid) continue;
    try {
      process.kill(pid, stalled ? "SIGSTOP" : "SIGCONT");
    } catch {
      // It has ended meanwhile.
    }
  }
}

interface Running {
  pid: number;
  parent: number;
  command: string;
}

function processes(): Running[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8");
      const status = readFileSync(`/proc/${name}/status`, "utf8");
      const parent = Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
      return [{ pid: Number(name), parent, command }];
    } catch {
      return [];
    }
  });
}
