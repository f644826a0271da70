import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "./fixtures";
import { signInAtGoogle } from "./sign-in-at-google";

/** Where the provider’s people begin, at another origin than its issuer. */
let front: Server;
/** An organisation’s own sign-in, to which the provider leads on. */
let organisation: Server;
/** The provider’s real authorization endpoint. */
let authorization = "";

const originOf = (server: Server) => `http://localhost:${(server.address() as AddressInfo).port}`;

function listening(redirect: (search: string) => string): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer((request, response) => {
      const { search } = new URL(request.url ?? "", "http://localhost");
      response.writeHead(302, { Location: redirect(search) }).end();
    });
    server.listen(0, "localhost", () => resolve(server));
  });
}

test.beforeAll(async () => {
  organisation = await listening((search) => authorization + search);
  front = await listening((search) => `${originOf(organisation)}/sign-in${search}`);
});
test.afterAll(() => {
  for (const server of [front, organisation]) server.close();
});

/** The provider’s metadata, with the authorization endpoint elsewhere. */
async function withFront(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const answer = await fetch(input, init);
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  if (pathname !== "/.well-known/openid-configuration") return answer;
  const metadata = (await answer.json()) as { authorization_endpoint: string };
  authorization = metadata.authorization_endpoint;
  return Response.json({ ...metadata, authorization_endpoint: `${originOf(front)}/authorize` });
}

test.use({ appOptions: { fetch: withFront } });

test("FC-5 signs in through a provider whose sign-in is at other origins than its issuer", async ({
  page,
  app,
}) => {
  const seen: string[] = [];
  page.on("request", (request) => {
    if (request.isNavigationRequest()) seen.push(new URL(request.url()).origin);
  });
  await page.goto("/dashboard");
  await signInAtGoogle(page);
  await expect(page).toHaveURL(`${app.origin}/dashboard`);
  expect(seen).toEqual(expect.arrayContaining([originOf(front), originOf(organisation)]));
});
