// What an auditor sees first: what they may look at, the state of the log, and the day their access ends. Nothing here acts on the shop.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { effectiveQuery } from '../../api/access.ts';
import { ledgerQuery } from '../../api/audit.ts';
import { type Session, sessionQuery } from '../../api/queries.ts';
import { strings } from '../../strings/en.ts';
import { Callout } from '../../ui/callout.tsx';
import { formatCount, formatDay, formatMoment, formatSpan } from '../../ui/format.ts';
import { Icon, type IconName } from '../../ui/icons.tsx';
import { useLook } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { visible } from '../../ui/visible.ts';
import './people.css';

const text = strings.auditor;

type CardName = keyof typeof text.cards;
interface CardRow {
  readonly name: CardName;
  readonly icon: IconName;
  readonly action: string;
  readonly to: '/audit' | '/audit/integrity' | '/people' | '/people/roles' | '/workflows' | '/runs' | '/settings/backups';
}

const CARDS: readonly CardRow[] = [
  { name: 'audit', icon: 'search', action: 'events.view', to: '/audit' },
  { name: 'integrity', icon: 'shield', action: 'ledger.verify', to: '/audit/integrity' },
  { name: 'export', icon: 'download', action: 'events.export', to: '/audit' },
  { name: 'people', icon: 'person', action: 'people.view', to: '/people' },
  { name: 'roles', icon: 'lock', action: 'access.view', to: '/people/roles' },
  { name: 'workflows', icon: 'table', action: 'workflows.view', to: '/workflows' },
  { name: 'runs', icon: 'play', action: 'runs.view', to: '/runs' },
  { name: 'backups', icon: 'copy', action: 'backups.view', to: '/settings/backups' },
];

export function AuditorHome(): ReactNode {
  const session = useQuery(sessionQuery).data;
  const can = session?.can ?? [];
  return (
    <Page title={text.title(session?.name == null ? null : visible(session.name))} name={text.name} lead={text.lead}>
      <Ends session={session} />
      <LogNow />
      <section className="stack tight" aria-labelledby="look">
        <h2 id="look">{text.look}</h2>
        <div className="cards">
          {CARDS.filter(({ action }) => can.includes(action)).map(({ name, icon, to }) => {
            const { title, lead, open } = text.cards[name];
            return (
              <article key={name} className="sheet card">
                <h3 className="row snug">
                  <Icon name={icon} />
                  {title}
                </h3>
                <p className="small soft">{lead}</p>
                <Link className="button" to={to}>
                  {open}
                </Link>
              </article>
            );
          })}
        </div>
      </section>
      <p className="small">
        <a href="/docs/ledger/">{text.more}</a>
      </p>
    </Page>
  );
}

/** The last of their grants that ends; a grant without an end is said, because an auditor should have one. */
function Ends({ session }: { session: Session | undefined }): ReactNode {
  const own = useQuery({ ...effectiveQuery(session?.person ?? ''), enabled: session !== undefined && session.endsAt === undefined }).data
    ?.grants;
  const ends = own?.map(({ expiresAt }) => expiresAt) ?? [];
  const at =
    session?.endsAt ??
    (ends.includes(null)
      ? null
      : (ends
          .flatMap((one) => (one === null ? [] : [one]))
          .toSorted()
          .at(-1) ?? null));
  if (session?.endsAt === undefined && own === undefined) return null;
  return (
    <Callout tone={at === null ? 'warn' : 'info'} icon="wait">
      {at === null ? (
        <p>{text.noEnd}</p>
      ) : (
        <p>
          {text.ends} <b>{formatDay(at)}</b>, {text.endsIn(formatSpan(Math.max(0, Date.parse(at) - Date.now())))}.
        </p>
      )}
    </Callout>
  );
}

function LogNow(): ReactNode {
  const status = useLook('ledger.view', ledgerQuery).data;
  if (status === undefined) return null;
  const { sealing, verification } = status.health;
  return (
    <section className="sheet stack tight" aria-labelledby="log-now">
      <h2 id="log-now">{text.log}</h2>
      <dl className="facts">
        <dt>{text.events}</dt>
        <dd className="num">{formatCount(status.sealedEvents)}</dd>
        <dt>{text.checkpoint}</dt>
        <dd>{sealing.signedAt === null ? text.never : formatMoment(sealing.signedAt)}</dd>
        <dt>{text.verified}</dt>
        <dd>
          {verification.at === null
            ? text.never
            : `${formatMoment(verification.at)}, ${verification.ok === true ? text.verifiedOk : text.verifiedBad}`}
        </dd>
      </dl>
    </section>
  );
}
