// Loaded into a server before its own code in the soak: tells what it holds, when it is asked.
process.on("message", () => {
  globalThis.gc?.();
  const active = process.getActiveResourcesInfo();
  const timers = active.filter((kind) => kind === "Timeout" || kind === "Immediate").length;
  const { heapUsed, rss } = process.memoryUsage();
  process.send?.({
    heapMb: heapUsed / 1_048_576,
    residentMb: rss / 1_048_576,
    timers,
    handles: active.length - timers,
  });
});
process.channel?.unref();
