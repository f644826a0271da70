import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { requireUser } from "../../../app/auth/require-user.server";
import { GoogleSignInForm } from "../../../app/ui/google-button";

const TASKS = "https://tasks.googleapis.com/tasks/v1/lists/@default/tasks";
const answer = z.object({ items: z.array(z.object({ title: z.string() })).default([]) });

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { google } = await requireUser({ request, context });
  const result = await google.fetch(TASKS);
  if (!result.ok) return { tasks: [], problem: result.code };
  return { tasks: answer.parse(result.json).items, problem: null };
}

export default function Tasks() {
  const { tasks, problem } = useLoaderData<typeof loader>();
  if (problem === "scope_missing") return <GoogleSignInForm scope="tasks" returnTo="/tasks" />;
  if (problem !== null) return <p>Your tasks can’t be shown right now.</p>;
  return tasks.map(({ title }) => <p key={title}>{title}</p>);
}
