import { Button } from "../ui/button";
import { Card } from "../ui/card";
import { MadeFor } from "../ui/made-for";
import { Moment } from "../ui/moment";

export type DeviceShown = {
  handle: string;
  current: boolean;
  browser: string | null;
  system: string | null;
  startedAt: number;
  lastSeenAt: number;
};

function nameOf({ browser, system }: DeviceShown): string {
  if (browser === null && system === null) return "An unknown browser";
  return [browser ?? "A browser", system].filter(Boolean).join(" on ");
}

/** Where the person is signed in, and a way to end each. */
export function DevicesCard({ devices, now }: { devices: DeviceShown[] | null; now: number }) {
  if (devices === null) {
    return (
      <Card
        title="Where you are signed in"
        description="The list can’t be read just now. You stay signed in here."
      />
    );
  }
  return (
    <Card title="Where you are signed in" description="Something you don’t know? Sign it out.">
      <ul className="devices">
        {devices.map((device) => (
          <li key={device.handle}>
            <div>
              <strong>{nameOf(device)}</strong>
              {device.current ? " · This device" : ""}
              <p>
                Last seen <Moment at={device.lastSeenAt} kind="relative" now={now} />
              </p>
            </div>
            {device.current ? null : (
              <form method="post" action="/account">
                <MadeFor />
                <input type="hidden" name="intent" value="end-session" />
                <input type="hidden" name="session" value={device.handle} />
                <Button>Sign out {nameOf(device)}</Button>
              </form>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
