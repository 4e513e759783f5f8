// The addresses of the console. Filters are part of the address, so every view is a link; each screen is loaded when it is opened.

import { createRootRoute, createRoute, createRouter, Link, lazyRouteComponent } from '@tanstack/react-router';
import { ALERT_SEARCH, type AlertSearch } from '../api/alerts.ts';
import { EVENT_SEARCH, type EventSearch } from '../api/audit.ts';
import type { MonthSearch } from '../api/business.ts';
import type { ConnectSearch } from '../api/connect.ts';
import { CUSTOMER_SEARCH, type CustomerSearch } from '../api/customers.ts';
import type { PeopleSearch, PersonSearch } from '../api/people.ts';
import type { CallSearch } from '../api/queries.ts';
import type { ReviewSearch, ReviewsSearch } from '../api/reviews.ts';
import type { RunSearch } from '../api/runs.ts';
import type { WorkflowSearch } from '../api/workflows.ts';
import { strings } from '../strings/en.ts';
import { Page } from '../ui/page.tsx';
import { Failed, Loading } from '../ui/states.tsx';
import { Frame } from './frame.tsx';
import { SignIn } from './sign-in.tsx';

/** What is looked at in a trace: the step, and which of its sides. */
export interface TraceSearch {
  readonly at?: string;
  readonly tab?: string;
}

type Raw = Readonly<Record<string, unknown>>;

/** The texts among a raw search that are wanted, and nothing else. */
function textsOf(raw: Raw, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = raw[name];
      return (typeof value === 'string' && value !== '') || typeof value === 'number' ? [[name, String(value)]] : [];
    }),
  );
}

const cursorOf = (raw: Raw): { before?: number } =>
  Number.isSafeInteger(Number(raw.before)) && raw.before !== undefined ? { before: Number(raw.before) } : {};

const root = createRootRoute();
const signIn = createRoute({ getParentRoute: () => root, path: '/sign-in', component: SignIn });
const firstPasskey = createRoute({
  getParentRoute: () => root,
  path: '/first-passkey',
  component: lazyRouteComponent(() => import('../screens/account/first-passkey.tsx'), 'FirstPasskeyScreen'),
});
/** Stands alone: whoever is asked shall read this and nothing else. */
const consent = createRoute({
  getParentRoute: () => root,
  path: '/oauth/authorize',
  component: lazyRouteComponent(() => import('../screens/consent/consent.tsx'), 'ConsentScreen'),
});
const frame = createRoute({ getParentRoute: () => root, id: 'frame', component: Frame });
const account = createRoute({
  getParentRoute: () => frame,
  path: '/account',
  component: lazyRouteComponent(() => import('../screens/account/account.tsx'), 'AccountScreen'),
});
const overview = createRoute({
  getParentRoute: () => frame,
  path: '/',
  validateSearch: (raw: Raw): MonthSearch => textsOf(raw, ['month']),
  component: lazyRouteComponent(() => import('../screens/overview/home.tsx'), 'HomeScreen'),
});
const inbox = createRoute({
  getParentRoute: () => frame,
  path: '/inbox',
  component: lazyRouteComponent(() => import('../screens/inbox/inbox.tsx'), 'InboxScreen'),
});
const inboxOne = createRoute({
  getParentRoute: () => frame,
  path: '/inbox/$id',
  component: lazyRouteComponent(() => import('../screens/inbox/inbox-one.tsx'), 'InboxOneScreen'),
});
const runs = createRoute({
  getParentRoute: () => frame,
  path: '/runs',
  validateSearch: (raw: Raw): RunSearch => ({ ...textsOf(raw, ['kind', 'workflow', 'state', 'since', 'live']), ...cursorOf(raw) }),
  component: lazyRouteComponent(() => import('../screens/runs/runs.tsx'), 'RunsScreen'),
});
const run = createRoute({
  getParentRoute: () => frame,
  path: '/runs/$id',
  validateSearch: (raw: Raw): TraceSearch => textsOf(raw, ['at', 'tab']),
  component: lazyRouteComponent(() => import('../screens/runs/run.tsx'), 'RunScreen'),
});
const workflows = createRoute({
  getParentRoute: () => frame,
  path: '/workflows',
  component: lazyRouteComponent(() => import('../screens/workflows/workflows.tsx'), 'WorkflowsScreen'),
});
const workflow = createRoute({
  getParentRoute: () => frame,
  path: '/workflows/$name',
  validateSearch: (raw: Raw): WorkflowSearch => textsOf(raw, ['hash', 'against']),
  component: lazyRouteComponent(() => import('../screens/workflows/workflow.tsx'), 'WorkflowScreen'),
});
const calls = createRoute({
  getParentRoute: () => frame,
  path: '/calls',
  validateSearch: (raw: Raw): CallSearch => ({
    ...textsOf(raw, ['outcome', 'integration', 'tier', 'tokenised', 'since', 'effect', 'code', 'run', 'workload']),
    ...cursorOf(raw),
  }),
  component: lazyRouteComponent(() => import('../screens/runs/calls.tsx'), 'CallsScreen'),
});
const customers = createRoute({
  getParentRoute: () => frame,
  path: '/customers',
  validateSearch: (raw: Raw): CustomerSearch => textsOf(raw, CUSTOMER_SEARCH),
  component: lazyRouteComponent(() => import('../screens/customers/customers.tsx'), 'CustomersScreen'),
});
const dataMap = createRoute({
  getParentRoute: () => frame,
  path: '/data/map',
  component: lazyRouteComponent(() => import('../screens/data/data-map.tsx'), 'DataMapScreen'),
});
const encryption = createRoute({
  getParentRoute: () => frame,
  path: '/data/encryption',
  component: lazyRouteComponent(() => import('../screens/encryption/encryption.tsx'), 'EncryptionScreen'),
});
const datasets = createRoute({
  getParentRoute: () => frame,
  path: '/data/datasets',
  component: lazyRouteComponent(() => import('../screens/data/datasets.tsx'), 'DatasetsScreen'),
});
const canaries = createRoute({
  getParentRoute: () => frame,
  path: '/data/canaries',
  component: lazyRouteComponent(() => import('../screens/canaries/canaries.tsx'), 'CanariesScreen'),
});
const dataset = createRoute({
  getParentRoute: () => frame,
  path: '/data/datasets/$name',
  component: lazyRouteComponent(() => import('../screens/data/dataset.tsx'), 'DatasetScreen'),
});
const privacyRequests = createRoute({
  getParentRoute: () => frame,
  path: '/data/privacy',
  component: lazyRouteComponent(() => import('../screens/privacy/requests.tsx'), 'PrivacyRequestsScreen'),
});
const privacyRequest = createRoute({
  getParentRoute: () => frame,
  path: '/data/privacy/$id',
  component: lazyRouteComponent(() => import('../screens/privacy/request.tsx'), 'PrivacyRequestScreen'),
});
const breaches = createRoute({
  getParentRoute: () => frame,
  path: '/data/breaches',
  component: lazyRouteComponent(() => import('../screens/breaches/breaches.tsx'), 'BreachesScreen'),
});
const breach = createRoute({
  getParentRoute: () => frame,
  path: '/data/breaches/$id',
  component: lazyRouteComponent(() => import('../screens/breaches/breach.tsx'), 'BreachScreen'),
});
const assessments = createRoute({
  getParentRoute: () => frame,
  path: '/data/assessments',
  component: lazyRouteComponent(() => import('../screens/assessments/assessments.tsx'), 'AssessmentsScreen'),
});
const assessment = createRoute({
  getParentRoute: () => frame,
  path: '/data/assessments/$id',
  component: lazyRouteComponent(() => import('../screens/assessments/assessment.tsx'), 'AssessmentScreen'),
});
const retention = createRoute({
  getParentRoute: () => frame,
  path: '/data/retention',
  component: lazyRouteComponent(() => import('../screens/privacy/retention.tsx'), 'RetentionScreen'),
});
const call = createRoute({
  getParentRoute: () => frame,
  path: '/calls/$id',
  validateSearch: (raw: Raw): TraceSearch => textsOf(raw, ['tab']),
  component: lazyRouteComponent(() => import('../screens/runs/call.tsx'), 'CallScreen'),
});
const audit = createRoute({
  getParentRoute: () => frame,
  path: '/audit',
  validateSearch: (raw: Raw): EventSearch => textsOf(raw, EVENT_SEARCH),
  component: lazyRouteComponent(() => import('../screens/audit/audit.tsx'), 'AuditScreen'),
});
const event = createRoute({
  getParentRoute: () => frame,
  path: '/audit/$seq',
  component: lazyRouteComponent(() => import('../screens/audit/audit-event.tsx'), 'AuditEventScreen'),
});
const integrity = createRoute({
  getParentRoute: () => frame,
  path: '/audit/integrity',
  component: lazyRouteComponent(() => import('../screens/integrity/integrity.tsx'), 'IntegrityScreen'),
});
const alerts = createRoute({
  getParentRoute: () => frame,
  path: '/alerts',
  validateSearch: (raw: Raw): AlertSearch => textsOf(raw, ALERT_SEARCH),
  component: lazyRouteComponent(() => import('../screens/alerts/alerts.tsx'), 'AlertsScreen'),
});
const alert = createRoute({
  getParentRoute: () => frame,
  path: '/alerts/$id',
  component: lazyRouteComponent(() => import('../screens/alerts/alert.tsx'), 'AlertScreen'),
});
const conditions = createRoute({
  getParentRoute: () => frame,
  path: '/settings/conditions',
  component: lazyRouteComponent(() => import('../screens/conditions/conditions.tsx'), 'ConditionsScreen'),
});
const dataMatrix = createRoute({
  getParentRoute: () => frame,
  path: '/data/matrix',
  component: lazyRouteComponent(() => import('../screens/data-matrix/matrix.tsx'), 'MatrixScreen'),
});
const backups = createRoute({
  getParentRoute: () => frame,
  path: '/settings/backups',
  component: lazyRouteComponent(() => import('../screens/backups/backups.tsx'), 'BackupsScreen'),
});
const access = createRoute({
  getParentRoute: () => frame,
  path: '/access',
  component: lazyRouteComponent(() => import('../screens/access/access.tsx'), 'AccessScreen'),
});
const people = createRoute({
  getParentRoute: () => frame,
  path: '/people',
  validateSearch: (raw: Raw): PeopleSearch => textsOf(raw, ['q', 'role', 'show']),
  component: lazyRouteComponent(() => import('../screens/people/people.tsx'), 'PeopleScreen'),
});
const federation = createRoute({
  getParentRoute: () => frame,
  path: '/people/federation',
  component: lazyRouteComponent(() => import('../screens/federation/federation.tsx'), 'FederationScreen'),
});
const agencies = createRoute({
  getParentRoute: () => frame,
  path: '/people/agencies',
  component: lazyRouteComponent(() => import('../screens/delegation/agencies.tsx'), 'AgenciesScreen'),
});
const fleet = createRoute({
  getParentRoute: () => frame,
  path: '/fleet',
  component: lazyRouteComponent(() => import('../screens/fleet/fleet.tsx'), 'FleetScreen'),
});
const workspaces = createRoute({
  getParentRoute: () => frame,
  path: '/workspaces',
  component: lazyRouteComponent(() => import('../screens/workspaces/workspaces.tsx'), 'WorkspacesScreen'),
});
const groups = createRoute({
  getParentRoute: () => frame,
  path: '/people/groups',
  component: lazyRouteComponent(() => import('../screens/people/groups.tsx'), 'GroupsScreen'),
});
const roles = createRoute({
  getParentRoute: () => frame,
  path: '/people/roles',
  component: lazyRouteComponent(() => import('../screens/people/roles.tsx'), 'RolesScreen'),
});
const emergency = createRoute({
  getParentRoute: () => frame,
  path: '/people/emergency',
  component: lazyRouteComponent(() => import('../screens/people/emergency.tsx'), 'EmergencyScreen'),
});
const reviews = createRoute({
  getParentRoute: () => frame,
  path: '/people/reviews',
  validateSearch: (raw: Raw): ReviewsSearch => textsOf(raw, ['tab', 'state']),
  component: lazyRouteComponent(() => import('../screens/people/reviews.tsx'), 'ReviewsScreen'),
});
const review = createRoute({
  getParentRoute: () => frame,
  path: '/people/reviews/$id',
  validateSearch: (raw: Raw): ReviewSearch => textsOf(raw, ['show']),
  component: lazyRouteComponent(() => import('../screens/people/review.tsx'), 'ReviewScreen'),
});
const person = createRoute({
  getParentRoute: () => frame,
  path: '/people/$id',
  validateSearch: (raw: Raw): PersonSearch => textsOf(raw, ['tab', 'action', 'kind', 'name']),
  component: lazyRouteComponent(() => import('../screens/people/person.tsx'), 'PersonScreen'),
});
const auditor = createRoute({
  getParentRoute: () => frame,
  path: '/auditor',
  component: lazyRouteComponent(() => import('../screens/people/auditor.tsx'), 'AuditorHome'),
});

const welcome = createRoute({
  getParentRoute: () => frame,
  path: '/welcome',
  component: lazyRouteComponent(() => import('../screens/welcome/welcome.tsx'), 'WelcomeScreen'),
});
const demo = createRoute({
  getParentRoute: () => frame,
  path: '/demo',
  component: lazyRouteComponent(() => import('../screens/demo/demo.tsx'), 'DemoScreen'),
});
const connect = createRoute({
  getParentRoute: () => frame,
  path: '/connect',
  validateSearch: (raw: Raw): ConnectSearch => textsOf(raw, ['integration', 'workload', 'model']),
  component: lazyRouteComponent(() => import('../screens/connect/connect.tsx'), 'ConnectScreen'),
});

const routeTree = root.addChildren([
  signIn,
  consent,
  firstPasskey,
  frame.addChildren([
    overview,
    account,
    inbox,
    inboxOne,
    runs,
    run,
    workflows,
    workflow,
    calls,
    call,
    customers,
    dataMap,
    encryption,
    datasets,
    canaries,
    dataset,
    privacyRequests,
    privacyRequest,
    breaches,
    breach,
    assessments,
    assessment,
    retention,
    audit,
    event,
    integrity,
    alerts,
    alert,
    conditions,
    dataMatrix,
    backups,
    access,
    people,
    federation,
    agencies,
    fleet,
    workspaces,
    groups,
    roles,
    emergency,
    reviews,
    review,
    person,
    auditor,
    welcome,
    demo,
    connect,
  ]),
]);

export function makeRouter() {
  return createRouter({
    routeTree,
    defaultPendingComponent: Loading,
    defaultErrorComponent: ({ error, reset }) => <Failed fault={error} onRetry={reset} />,
    defaultNotFoundComponent: NotFound,
  });
}

function NotFound() {
  const { notFoundTitle, notFoundLead } = strings.states;
  return (
    <Page title={notFoundTitle} lead={notFoundLead}>
      <p>
        <Link to="/">{strings.nav.overview}</Link>
      </p>
    </Page>
  );
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
