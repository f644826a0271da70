import { BRAND } from "../brand/brand";
import { LinkButton } from "../ui/button";
import { Card } from "../ui/card";
import { Notice } from "../ui/notice";
import type { Agenda } from "./agenda.server";
import { AgendaDays } from "./event-list";

/** What comes next in the person’s calendar, with a gap of its own when Google fails. */
export function NextEvents({ agenda }: { agenda: Agenda }) {
  if (agenda.status === "scope_missing") {
    return (
      <Card
        title="Next events"
        description={`Your calendar isn’t shared with ${BRAND.name}. On the agenda page you can allow it.`}
        actions={<LinkButton to="/agenda">Show my calendar</LinkButton>}
      />
    );
  }
  return (
    <Card title="Next events" actions={<LinkButton to="/agenda">Open the agenda</LinkButton>}>
      {agenda.status === "ok" ? (
        <AgendaDays days={agenda.days} />
      ) : (
        <Notice tone="warn" title="Your calendar can’t be shown just now">
          <p>It will be back when Google is. You stay signed in.</p>
        </Notice>
      )}
    </Card>
  );
}
