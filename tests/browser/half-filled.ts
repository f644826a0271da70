import type { Page } from "@playwright/test";
import type { TestApp } from "../support/test-app";
import { NOTE_PATH, received, serveNotePage } from "./note-page";
import { ADA } from "./sign-in-at-google";
import { signInBefore } from "./sign-in-before";

export const text = (page: Page) => page.getByLabel("Text");
export const addEvent = (page: Page) => page.getByRole("button", { name: "Add event" });
export const storedForms = (page: Page) =>
  page.evaluate(() => sessionStorage.getItem("latchkey-forms-2") ?? "");

/** Somebody signed in who has half filled in the note. */
export async function fillNote(page: Page, app: TestApp): Promise<void> {
  received.length = 0;
  await serveNotePage(page.context());
  await signInBefore(page.context(), app);
  await page.goto(NOTE_PATH);
  await text(page).fill("Call Charles");
  await page.getByLabel("Urgent").check();
  await page.getByLabel("Secret").fill("hunter2");
}

/** Somebody signed in who has half written an event. */
export async function fillEvent(page: Page, app: TestApp): Promise<void> {
  await signInBefore(page.context(), app, { features: ["calendar"] });
  await page.goto("/agenda");
  await page.getByLabel("Name").fill("Ferry");
  await page.getByLabel("Starts").fill("23:00");
  await page.getByLabel("Ends").fill("23:30");
}

export function addedEvents(app: TestApp, account = ADA): number {
  const events = app.google.control.calendarEvents(account);
  return events.filter(({ summary }) => summary === "Ferry").length;
}
