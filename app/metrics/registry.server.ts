import { performance } from "node:perf_hooks";
import { Counter, Gauge, Registry } from "prom-client";

/**
 * The process’s metrics, in a registry of their own: two apps in one process don’t mix. What the
 * process itself has to say is read when somebody asks: no timer runs behind anybody’s back, as
 * prom-client’s default metrics would have it for the event loop.
 */
export function createMetrics(version: string): Registry {
  const registry = new Registry();
  const registers = [registry];
  new Gauge({
    name: "latchkey_build_info",
    help: "Always 1; its label tells the app’s version.",
    labelNames: ["version"],
    registers,
  }).set({ version }, 1);
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Memory that the process holds.",
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: "nodejs_heap_size_used_bytes",
    help: "Memory that JavaScript objects take.",
    registers,
    collect() {
      this.set(process.memoryUsage().heapUsed);
    },
  });
  new Gauge({
    name: "process_start_time_seconds",
    help: "When the process started, in seconds since the epoch.",
    registers,
  }).set(Math.round(performance.timeOrigin / 1000));
  new Counter({
    name: "process_cpu_seconds_total",
    help: "Processor time that the process has used.",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1_000_000);
    },
  });
  new Counter({
    name: "nodejs_eventloop_active_seconds_total",
    help: "Time that the event loop was busy: its rate near 1 means that requests wait.",
    registers,
    collect() {
      this.reset();
      this.inc(performance.eventLoopUtilization().active / 1000);
    },
  });
  return registry;
}
