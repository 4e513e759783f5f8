// Every screen of the console, as one table: axe, the narrow page, forced colours and the screenshots go through it. A new screen is a
// new row. Paths that name something are told what there is to name.

import type { World } from './world.ts';

export interface Known {
  readonly refusedCall: string;
  readonly refusedEvent: string;
  /** By it a person changed what a program may do. */
  readonly changeEvent: string;
  readonly run: string;
  readonly approval: string;
  readonly workflow: string;
  readonly workload: string;
  readonly modelIntegration: string;
  readonly person: string;
  readonly review: string;
}

export interface ScreenRow {
  readonly name: string;
  readonly path: string | ((known: Known) => string);
  /** Left out of the screenshots: a state that another picture shows well enough. */
  readonly isOnlyChecked?: true;
}

export const SCREENS: readonly ScreenRow[] = [
  { name: 'welcome', path: '/welcome' },
  { name: 'demo', path: '/demo' },
  { name: 'connect', path: ({ modelIntegration, workload }) => `/connect?integration=${modelIntegration}&workload=${workload}` },
  { name: 'connect-start', path: '/connect', isOnlyChecked: true },
  { name: 'overview', path: '/' },
  { name: 'inbox', path: '/inbox' },
  { name: 'inbox-item', path: ({ approval }) => `/inbox/${approval}` },
  { name: 'runs', path: '/runs' },
  { name: 'run', path: ({ run }) => `/runs/${run}` },
  { name: 'run-data', path: ({ run }) => `/runs/${run}?tab=data`, isOnlyChecked: true },
  { name: 'run-content', path: ({ run }) => `/runs/${run}?tab=content`, isOnlyChecked: true },
  { name: 'workflows', path: '/workflows' },
  { name: 'workflow', path: ({ workflow }) => `/workflows/${workflow}` },
  { name: 'calls', path: '/calls' },
  { name: 'call', path: ({ refusedCall }) => `/calls/${refusedCall}` },
  { name: 'customers', path: '/customers' },
  { name: 'data-map', path: '/data/map' },
  { name: 'encryption', path: '/data/encryption' },
  { name: 'datasets', path: '/data/datasets' },
  { name: 'canaries', path: '/data/canaries' },
  { name: 'privacy', path: '/data/privacy' },
  { name: 'retention', path: '/data/retention' },
  { name: 'breaches', path: '/data/breaches' },
  { name: 'assessments', path: '/data/assessments' },
  { name: 'audit-log', path: '/audit' },
  { name: 'audit-privileged', path: '/audit?privileged=yes&type=workflows.version.' },
  { name: 'audit-nothing', path: '/audit?q=nosuchword&since=1h', isOnlyChecked: true },
  { name: 'audit-event', path: ({ refusedEvent }) => `/audit/${refusedEvent}` },
  { name: 'audit-change', path: ({ changeEvent }) => `/audit/${changeEvent}`, isOnlyChecked: true },
  { name: 'integrity', path: '/audit/integrity' },
  { name: 'backups', path: '/settings/backups' },
  { name: 'alerts', path: '/alerts?state=all' },
  { name: 'conditions', path: '/settings/conditions' },
  { name: 'data-matrix', path: '/data/matrix' },
  { name: 'access', path: '/access' },
  { name: 'people', path: '/people' },
  { name: 'person', path: ({ person }) => `/people/${person}` },
  { name: 'person-may', path: ({ person }) => `/people/${person}?tab=may&action=workflows.publish` },
  { name: 'person-sessions', path: ({ person }) => `/people/${person}?tab=sessions`, isOnlyChecked: true },
  { name: 'person-used', path: ({ person }) => `/people/${person}?tab=used`, isOnlyChecked: true },
  { name: 'groups', path: '/people/groups', isOnlyChecked: true },
  { name: 'company-login', path: '/people/federation', isOnlyChecked: true },
  { name: 'agencies', path: '/people/agencies', isOnlyChecked: true },
  { name: 'fleet', path: '/fleet', isOnlyChecked: true },
  { name: 'workspaces', path: '/workspaces', isOnlyChecked: true },
  { name: 'roles', path: '/people/roles' },
  { name: 'emergency', path: '/people/emergency', isOnlyChecked: true },
  { name: 'reviews', path: '/people/reviews' },
  { name: 'reviews-list', path: '/people/reviews?tab=reviews', isOnlyChecked: true },
  { name: 'review', path: ({ review }) => `/people/reviews/${review}` },
  { name: 'auditor', path: '/auditor' },
  { name: 'account', path: '/account' },
  { name: 'nothing-matches', path: '/calls?outcome=aborted', isOnlyChecked: true },
  { name: 'nothing-there', path: '/calls/call_nothing', isOnlyChecked: true },
];

export const pathOf = ({ path }: ScreenRow, known: Known): string => (typeof path === 'string' ? path : path(known));

type Listed = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** What a played world has; a missing one is a fault of the world. */
export async function knownOf({ test }: Pick<World, 'test'>): Promise<Known> {
  const first = async (
    path: string,
    list: string,
    name: string,
    fits: (row: Readonly<Record<string, unknown>>) => boolean = () => true,
  ) => {
    const row = ((await test.owner('GET', path)).body as Listed)[list]?.find(fits);
    if (row === undefined) throw new Error(`${path} lists nothing to look at`);
    return String(row[name]);
  };
  return {
    refusedCall: await first('/api/calls?outcome=refused&code=POLICY_TARGET_RULE_BROKEN', 'calls', 'call'),
    refusedEvent: await first('/api/events?type=enforcement.call.refused&limit=1', 'events', 'seq'),
    changeEvent: await first('/api/events?type=identity.workload.created&limit=1', 'events', 'seq'),
    // A call that died at a rule, with text from outside behind it.
    run: await first('/api/calls?outcome=refused&code=POLICY_TARGET_RULE_BROKEN', 'calls', 'run'),
    approval: await first('/api/approvals?state=pending', 'approvals', 'id'),
    workflow: await first('/api/workflows', 'workflows', 'name'),
    workload: await first('/api/workloads', 'workloads', 'id'),
    person: await first('/api/people', 'people', 'id', (one) => one.name !== null),
    review: await first('/api/reviews', 'reviews', 'id'),
    modelIntegration: await first('/api/integrations', 'integrations', 'name', (one) => one.kind === 'model'),
  };
}
