// The addresses of the console. Filters are part of the address, so every view is a link; each screen is loaded when it is opened.

import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { ApiFault } from '../api/client.ts';
import type { CallSearch, EventSearch } from '../api/queries.ts';
import { Failed, Loading } from '../ui/states.tsx';
import { Frame } from './frame.tsx';
import { SignIn } from './sign-in.tsx';

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
const frame = createRoute({ getParentRoute: () => root, id: 'frame', component: Frame });
const overview = createRoute({
  getParentRoute: () => frame,
  path: '/',
  component: lazyRouteComponent(() => import('../screens/overview.tsx'), 'OverviewScreen'),
});
const inbox = createRoute({
  getParentRoute: () => frame,
  path: '/inbox',
  component: lazyRouteComponent(() => import('../screens/inbox.tsx'), 'InboxScreen'),
});
const calls = createRoute({
  getParentRoute: () => frame,
  path: '/calls',
  validateSearch: (raw: Raw): CallSearch => ({
    ...textsOf(raw, ['outcome', 'integration', 'tier', 'tokenised', 'since']),
    ...cursorOf(raw),
  }),
  component: lazyRouteComponent(() => import('../screens/calls.tsx'), 'CallsScreen'),
});
const call = createRoute({
  getParentRoute: () => frame,
  path: '/calls/$id',
  component: lazyRouteComponent(() => import('../screens/call.tsx'), 'CallScreen'),
});
const audit = createRoute({
  getParentRoute: () => frame,
  path: '/audit',
  validateSearch: (raw: Raw): EventSearch => ({ ...textsOf(raw, ['type', 'subject']), ...cursorOf(raw) }),
  component: lazyRouteComponent(() => import('../screens/audit.tsx'), 'AuditScreen'),
});
const event = createRoute({
  getParentRoute: () => frame,
  path: '/audit/$seq',
  component: lazyRouteComponent(() => import('../screens/audit-event.tsx'), 'AuditEventScreen'),
});
const access = createRoute({
  getParentRoute: () => frame,
  path: '/access',
  component: lazyRouteComponent(() => import('../screens/access.tsx'), 'AccessScreen'),
});

const routeTree = root.addChildren([signIn, frame.addChildren([overview, inbox, calls, call, audit, event, access])]);

export function makeRouter() {
  return createRouter({
    routeTree,
    defaultPendingComponent: Loading,
    defaultErrorComponent: ({ error, reset }) => <Failed fault={error} onRetry={reset} />,
    defaultNotFoundComponent: NotFound,
  });
}

function NotFound() {
  return <Failed fault={new ApiFault(404, 'NOT_FOUND', '')} onRetry={() => undefined} />;
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
