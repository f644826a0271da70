import { expect, it, onTestFinished } from "vitest";
import { SIGN_IN_MESSAGES } from "../../../app/auth/messages";
import { describeOnOwnPostgres } from "../../support/databases";
import { startDeployment } from "../../support/deployment";
import { locationOf } from "../../support/visitor";

const HOUR = 3_600_000;

describeOnOwnPostgres("When PostgreSQL goes away under two processes", (database, postgres) => {
  it("MP-05 sessions go on and are refreshed once a process, sign-in says so, and all heals when it is back", {
    timeout: 60_000,
  }, async () => {
    const deployment = await startDeployment(database.url());
    onTestFinished(() => deployment.stop());
    const { google } = deployment;
    const servers = await Promise.all([deployment.start(), deployment.start()]);
    const [here, there] = servers;
    const visitor = deployment.visitor(here);
    await visitor.signIn();
    const other = deployment.visitor(there);
    await other.signIn({ account: "grace.hopper@gmail.com" });
    await postgres().stop();

    for (const server of servers) {
      expect((await deployment.visitor(server).get("/readyz")).status).toBe(503);
      expect((await deployment.visitor(server).get("/healthz")).status).toBe(200);
    }
    google.calls.clear();
    const elsewhere = deployment.visitor(there, visitor.jar.copy());
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
    await deployment.pass(HOUR);
    for (const browser of [visitor, elsewhere]) {
      const pages = await Promise.all(Array.from({ length: 10 }, () => browser.get("/dashboard")));
      expect(pages.map(({ status }) => status)).toEqual(Array(10).fill(200));
    }
    expect(google.calls.count("token")).toBe(2);
    const refusal = locationOf(await deployment.visitor(here).signIn());
    expect(refusal).toContain("error=server_error");
    const page = await deployment.visitor(here).get(refusal);
    expect(await page.text()).toContain(SIGN_IN_MESSAGES.server_error.title);

    await postgres().start();
    for (const server of servers) {
      expect((await deployment.visitor(server).get("/readyz")).status).toBe(200);
      const newcomer = deployment.visitor(server);
      expect(locationOf(await newcomer.signIn())).toBe("/dashboard");
    }
    await deployment.pass(HOUR);
    google.calls.clear();
    for (const browser of [visitor, elsewhere, other]) {
      expect((await browser.get("/dashboard")).status).toBe(200);
      expect(await browser.session()).toMatchObject({ status: "authenticated" });
    }
    expect(google.calls.count("token")).toBe(2);
  });
});
