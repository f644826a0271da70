/** What the local Google knows of Google Tasks. Nothing in the app imports this. */
export const tasks = {
  scope: "https://www.googleapis.com/auth/tasks.readonly",
  consent: "View your tasks",
  api: {
    "https://tasks.googleapis.com/tasks/v1/lists/@default/tasks": () =>
      Response.json({ items: [{ title: "Post the letters" }] }),
  },
};
