// The frame around every screen: navigation with what waits, skip link, settings, command menu. Without a session it shows the door.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { alertsQuery } from '../api/alerts.ts';
import { ledgerQuery } from '../api/audit.ts';
import { ApiFault, api } from '../api/client.ts';
import { pendingQuery, sessionQuery } from '../api/queries.ts';
import { enterTenant } from '../api/tenant.ts';
import { PasskeyBanner } from '../screens/account/passkey-banner.tsx';
import { RestoreBanner } from '../screens/backups/restore-banner.tsx';
import { TenantSwitch, VisitBanner, VisitOver } from '../screens/fleet/tenant-switch.tsx';
import { strings } from '../strings/en.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { useLook } from '../ui/may.tsx';
import { Answer } from '../ui/states.tsx';
import { missingFor, NotForYou } from './not-for-you.tsx';
import { Shortcuts } from './shortcuts.tsx';
import { SignedOut } from './sign-in.tsx';
import { StepUp } from './step-up.tsx';

const Settings = lazy(() => import('./settings.tsx').then((file) => ({ default: file.Settings })));
const CommandMenu = lazy(() => import('./command-menu.tsx').then((file) => ({ default: file.CommandMenu })));

export function Frame(): ReactNode {
  const session = useQuery(sessionQuery);
  if (session.error instanceof ApiFault && session.error.status === 401) {
    return <SignedOut />;
  }
  if (session.error instanceof ApiFault && session.error.code === 'IDENTITY_DELEGATION_NONE') {
    return <VisitOver why={session.error.message} />;
  }
  return (
    <Answer query={session}>
      {() => (
        <div className="frame">
          <a className="skip" href="#content">
            {strings.skip}
          </a>
          <Side />
          <Content />
          <Shortcuts />
          <StepUp />
        </div>
      )}
    </Answer>
  );
}

function Content(): ReactNode {
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const first = useRef(path);
  const session = useQuery(sessionQuery).data;
  const needed = session === undefined ? null : missingFor(path, session.can);
  // A new screen starts at its top, for the eye and for a screen reader; the first one keeps what the browser does.
  useEffect(() => {
    if (first.current !== path) main.current?.focus();
    first.current = path;
  }, [path]);
  return (
    <main id="content" ref={main} tabIndex={-1}>
      <VisitBanner />
      <RestoreBanner />
      <PasskeyBanner path={path} />
      {needed === null ? <Outlet /> : <NotForYou action={needed} />}
    </main>
  );
}

/** What any screen of the group takes. */
const DATA: ReadonlySet<string> = new Set([
  'records.view',
  'datasets.view',
  'matrix.view',
  'privacy.view',
  'breaches.view',
  'assessments.view',
  'canaries.view',
]);
const OPERATING: ReadonlySet<string> = new Set(['runs.view', 'workflows.view', 'customers.read']);

function Side(): ReactNode {
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [isSettingsOpen, setSettingsOpen] = useState(false);
  const client = useQueryClient();
  const can = useQuery(sessionQuery).data?.can ?? [];
  const waiting = useLook('approvals.view', pendingQuery).data?.approvals.length ?? 0;
  const health = useLook('ledger.view', ledgerQuery).data?.health.state;
  const unseen = useLook('alerts.view', alertsQuery({})).data?.open;
  const alerting = unseen === undefined ? 0 : unseen.critical + unseen.warning;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setMenuOpen(true);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  async function signOut(): Promise<void> {
    await api('DELETE', '/api/session').catch(() => undefined);
    enterTenant(null);
    client.clear();
    location.assign('/sign-in');
  }
  const { nav } = strings;
  return (
    <header className="side">
      <Link to="/" className="brand">
        <img src="/icon.svg" alt="" width={24} height={24} />
        {strings.product}
      </Link>
      <nav className="nav" aria-label={nav.label}>
        <TenantSwitch />
        <Link to="/" activeOptions={{ exact: true }}>
          {nav.overview}
        </Link>
        {can.includes('approvals.view') ? (
          <Link to="/inbox">
            {nav.inbox}
            {waiting === 0 ? null : (
              <span className="count">
                {waiting}
                <span className="visually-hidden"> {nav.waiting(waiting)}</span>
              </span>
            )}
          </Link>
        ) : null}
        {can.some((one) => OPERATING.has(one)) ? <p className="group">{nav.operate}</p> : null}
        {can.includes('runs.view') ? (
          <Link to="/runs" activeOptions={{ includeSearch: false }}>
            {nav.runs}
          </Link>
        ) : null}
        {can.includes('workflows.view') ? <Link to="/workflows">{nav.workflows}</Link> : null}
        {can.includes('customers.read') ? (
          <Link to="/customers" activeOptions={{ includeSearch: false }}>
            {strings.customers.nav}
          </Link>
        ) : null}
        {can.some((one) => DATA.has(one)) ? <p className="group">{nav.data}</p> : null}
        {can.includes('records.view') ? <Link to="/data/map">{strings.data.map.nav}</Link> : null}
        {can.includes('datasets.view') ? <Link to="/data/datasets">{strings.data.sets.nav}</Link> : null}
        {can.includes('canaries.view') ? <Link to="/data/canaries">{strings.canaries.nav}</Link> : null}
        {can.includes('privacy.view') ? <Link to="/data/privacy">{strings.privacy.requests.nav}</Link> : null}
        {can.includes('privacy.view') ? <Link to="/data/retention">{strings.privacy.retention.nav}</Link> : null}
        {can.includes('breaches.view') ? <Link to="/data/breaches">{strings.breaches.nav}</Link> : null}
        {can.includes('assessments.view') ? <Link to="/data/assessments">{strings.assessments.nav}</Link> : null}
        {can.includes('records.view') ? <Link to="/data/encryption">{strings.encryption.nav}</Link> : null}
        {can.includes('matrix.view') ? <Link to="/data/matrix">{strings.dataMatrix.nav}</Link> : null}
        {can.includes('events.view') || can.includes('ledger.view') ? <p className="group">{nav.prove}</p> : null}
        {can.includes('events.view') || can.includes('ledger.view') ? (
          <Link to={can.includes('events.view') ? '/audit' : '/audit/integrity'} activeOptions={{ includeSearch: false }}>
            {can.includes('events.view') ? nav.audit : nav.integrity}
            {health === 'late' || health === 'failed' ? (
              <span className={`count ${health}`}>
                !<span className="visually-hidden"> {strings.integrity.inNav[health]}</span>
              </span>
            ) : null}
          </Link>
        ) : null}
        {can.includes('alerts.view') ? (
          <Link to="/alerts" activeOptions={{ includeSearch: false }}>
            {strings.alerts.nav}
            {alerting === 0 ? null : (
              <span className="count">
                {alerting}
                <span className="visually-hidden"> {strings.alerts.open(alerting)}</span>
              </span>
            )}
          </Link>
        ) : null}
        <p className="group">{nav.admin}</p>
        {can.includes('people.view') ? (
          <Link to="/people" activeOptions={{ includeSearch: false }}>
            {nav.people}
          </Link>
        ) : null}
        {can.includes('workspaces.view') ? <Link to="/workspaces">{strings.workspaces.nav}</Link> : null}
        {can.includes('workloads.view') && !can.includes('people.view') ? <Link to="/access">{nav.access}</Link> : null}
        {can.includes('conditions.view') ? <Link to="/settings/conditions">{strings.conditions.nav}</Link> : null}
        {can.includes('backups.view') ? <Link to="/settings/backups">{nav.backups}</Link> : null}
        {can.includes('demo.manage') || can.includes('integrations.manage') ? <Link to="/welcome">{nav.welcome}</Link> : null}
      </nav>
      <div className="foot">
        <Link to="/account" className="button quiet">
          <Icon name="person" />
          <span>{strings.account.nav}</span>
        </Link>
        <a className="button quiet" href="/docs/">
          <Icon name="info" />
          <span>{nav.docs}</span>
        </a>
        <Button look="quiet" onPress={() => setMenuOpen(true)}>
          <Icon name="search" />
          <span>{strings.menu.open}</span>
          <kbd className="soft small">{strings.menu.keys}</kbd>
        </Button>
        <Button look="quiet" onPress={() => setSettingsOpen(true)}>
          <Icon name="gear" />
          <span>{strings.settings.open}</span>
        </Button>
      </div>
      {isSettingsOpen ? (
        <Suspense fallback={null}>
          <Settings onClose={() => setSettingsOpen(false)} onSignOut={() => void signOut()} />
        </Suspense>
      ) : null}
      {isMenuOpen ? (
        <Suspense fallback={null}>
          <CommandMenu onClose={() => setMenuOpen(false)} onSignOut={() => void signOut()} />
        </Suspense>
      ) : null}
    </header>
  );
}
