import type { ActionFunction, ServerBuild } from "@remix-run/node";
import { answerToForeignForm } from "../auth/made-for-whom.server";

/**
 * The build with a check before each of its actions, that none can forget: a form acts only for whom it
 * was made for (FE-24). Inside of Remix, so that its answer takes the form that the request wants.
 */
export function withGuardedActions(build: ServerBuild): ServerBuild {
  return { ...build, routes: guardAll(build.routes) };
}

function guardAll(routes: ServerBuild["routes"]): ServerBuild["routes"] {
  const all = Object.entries(routes).map(([id, route]) => {
    const action = route?.module.action;
    if (!route || !action) return [id, route];
    return [id, { ...route, module: { ...route.module, action: guard(action) } }];
  });
  return Object.fromEntries(all);
}

function guard(action: ActionFunction): ActionFunction {
  return async (args) => (await answerToForeignForm(args.request, args.context)) ?? action(args);
}
