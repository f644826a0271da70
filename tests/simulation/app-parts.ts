/** All that the simulator takes from the app, in one place. */
export type { Clock } from "../../app/config/clock.server";
