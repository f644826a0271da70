import type { FeatureNeeds } from "../../../app/google/scopes";

/** README’s row of a feature. */
export const TASKS_ROW = {
  tasks: {
    scopes: ["https://www.googleapis.com/auth/tasks.readonly"],
    apis: ["https://tasks.googleapis.com"],
    purpose: "See your tasks",
    page: "/tasks",
  },
} as const satisfies Readonly<Record<string, FeatureNeeds>>;
