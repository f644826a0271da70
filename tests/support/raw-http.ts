import { connect } from "node:net";

export interface RawAnswer {
  status: number;
  headers: Headers;
  body: string;
}

/** Sends bytes as they are to a port of 127.0.0.1, and reads until the server closes; null when it said nothing. */
export async function sendRaw(port: number, bytes: string): Promise<RawAnswer | null> {
  return parse(await sendText(port, bytes));
}

/** The same, and the answer as it is. */
export function sendText(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(text));
  });
}

/** A request that asks the server to close after it. */
export function rawRequest(line: string, headers: Record<string, string>): string {
  const fields = Object.entries({ ...headers, Connection: "close" });
  return [line, ...fields.map(([name, value]) => `${name}: ${value}`), "", ""].join("\r\n");
}

function parse(text: string): RawAnswer | null {
  const [head = "", body = ""] = text.split(/\r\n\r\n(.*)/s);
  const [line = "", ...fields] = head.split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1];
  if (status === undefined) return null;
  const headers = new Headers(
    fields.map((field): [string, string] => {
      const [name = "", value = ""] = field.split(/: (.*)/s);
      return [name, value];
    }),
  );
  return { status: Number(status), headers, body };
}
