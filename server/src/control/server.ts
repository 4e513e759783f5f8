// The control plane's HTTP server. Every route is bounded, authenticated before it is parsed, and answers in JSON; every other path
// is looked up among the files of the console.

import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { type FastifyInstance, fastify } from 'fastify';
import { type CodeTable, firstRepeated, refuse, SallyportError } from '#core';
import { closeTwin, listenOnTwin } from './localhost-twin.ts';
import { endWithSession, isStream } from './open-answers.ts';
import type { ControlPorts } from './ports.ts';
import { BODY_TIMEOUT_MS, endSlowBody, UPLOAD_TIMEOUT_MS } from './request-bodies.ts';
import { admit, type Context, sendRefusal } from './respond.ts';
import { type Access, accessOf } from './route-actions.ts';
import { accessRoutes } from './routes/access.ts';
import { breakGlassRoutes } from './routes/access-break-glass.ts';
import { accessGrantRoutes } from './routes/access-grants.ts';
import { alertRoutes } from './routes/alerts.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { assessmentRoutes } from './routes/assessments.ts';
import { backupRoutes } from './routes/backups.ts';
import { breachRoutes } from './routes/breaches.ts';
import { canaryRoutes } from './routes/canaries.ts';
import { conditionRoutes } from './routes/conditions.ts';
import { dataGuessesRoutes } from './routes/data-guesses.ts';
import { dataKeyRoutes } from './routes/data-keys.ts';
import { dataMatrixRoutes } from './routes/data-matrix.ts';
import { dataPatternRoutes } from './routes/data-patterns.ts';
import { datasetRoutes } from './routes/datasets.ts';
import { delegationRoutes } from './routes/delegations.ts';
import { connectRoutes, demoRoutes } from './routes/demo.ts';
import { erasureRoutes } from './routes/erasures.ts';
import { eventRoutes } from './routes/events.ts';
import { federationRoutes } from './routes/federation.ts';
import { fleetRoutes } from './routes/fleet.ts';
import { hookRoutes } from './routes/hooks.ts';
import { integrationRoutes } from './routes/integrations.ts';
import { leastRoutes } from './routes/least.ts';
import { ledgerRoutes } from './routes/ledger.ts';
import { ledgerKeyRoutes } from './routes/ledger-keys.ts';
import { oauthRoutes } from './routes/oauth.ts';
import { oauthClientRoutes } from './routes/oauth-clients.ts';
import { overviewRoutes } from './routes/overview.ts';
import { passkeyRoutes } from './routes/passkeys.ts';
import { peopleRoutes } from './routes/people.ts';
import { plainTextRoutes } from './routes/plain-text.ts';
import { privacyRoutes } from './routes/privacy.ts';
import { recordRoutes } from './routes/records.ts';
import { reportRoutes } from './routes/report.ts';
import { reviewRoutes } from './routes/reviews.ts';
import { runRoutes } from './routes/runs.ts';
import { scimRoutes } from './routes/scim.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { ssoRoutes } from './routes/sso.ts';
import { tenantRoutes } from './routes/tenants.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { workflowRoutes } from './routes/workflows.ts';
import { workspaceRoutes } from './routes/workspaces.ts';
import { sendConsoleFile } from './static-files.ts';

/** A manifest of a large API is some hundred kilobytes. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Routes whose body is read piece by piece. */
const TAKES_FILES: ReadonlySet<string> = new Set(['/api/datasets/:name/import']);

/** Headers that decide something; said twice, nobody knows which one counts. */
const DECISIVE: ReadonlySet<string> = new Set([
  'host',
  'authorization',
  'cookie',
  'origin',
  'content-type',
  'content-length',
  'transfer-encoding',
]);

export interface ControlServer {
  /** Every route, so that a test can sweep them: one without a session check would show. */
  readonly routes: readonly { readonly method: string; readonly path: string; readonly access: Access }[];
  listen(host: string, port: number): Promise<{ host: string; port: number }>;
  close(): Promise<void>;
}

/** A certificate for the listener. `attach` gets the server, to hand it renewed ones. */
export interface ControlTls {
  readonly options: SecureContextOptions;
  attach(server: { setSecureContext(options: SecureContextOptions): void }): void;
}

export function createControlServer(
  ports: ControlPorts,
  codes: CodeTable,
  tls: ControlTls | null = null,
  bodyTimeoutMs = BODY_TIMEOUT_MS,
): ControlServer {
  const context: Context = { ports, codes, callers: new WeakMap() };
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    // Bodies that are read whole have a shorter time of their own.
    requestTimeout: UPLOAD_TIMEOUT_MS,
    forceCloseConnections: true,
    ...(tls === null ? {} : { serverFactory: overTls(tls) }),
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const caller = context.callers.get(request);
    if (caller !== undefined && isStream(payload)) endWithSession(ports.surroundings, caller, payload);
    reply.header('x-content-type-options', 'nosniff').header('x-frame-options', 'DENY');
    // For a year, a browser that was here once asks over TLS only.
    if (tls !== null) reply.header('strict-transport-security', 'max-age=31536000');
    // A file of the console brings its own; everything else is data, which nothing may keep or run.
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    if (!reply.hasHeader('content-security-policy')) reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  });
  app.server.headersTimeout = BODY_TIMEOUT_MS;
  app.addHook('onRequest', async (request, reply) => {
    const isFile = request.method === 'POST' && TAKES_FILES.has(request.routeOptions.url ?? '');
    if (!isFile) endSlowBody(request.raw, bodyTimeoutMs);
    // HTTP/0.9 has no headers: whatever follows its one line would be read as something else.
    const header = request.raw.httpVersionMajor < 1 ? 'host' : firstRepeated(request.raw.rawHeaders, DECISIVE);
    const refused =
      header === null
        ? await admit(context, request, reply)
        : sendRefusal(context, reply, refuse('CONTROL_REQUEST_INVALID', 'A header is missing or present twice.', { header }));
    // The time of a file is for whoever may send one.
    if (isFile && reply.sent) endSlowBody(request.raw, bodyTimeoutMs);
    return refused;
  });
  app.setNotFoundHandler((request, reply) => {
    if (ports.consoleFiles !== null && sendConsoleFile(ports.consoleFiles, request, reply)) return reply;
    return sendRefusal(context, reply, refuse('CONTROL_NOT_FOUND', 'There is no such route on the control plane.'));
  });
  app.setErrorHandler((fault, _request, reply) => {
    const usage = typeof (fault as { statusCode?: unknown }).statusCode === 'number' && (fault as { statusCode: number }).statusCode < 500;
    if (usage)
      return sendRefusal(
        context,
        reply,
        refuse('CONTROL_REQUEST_INVALID', 'The request could not be read: send JSON within the size limit.'),
      );
    const code = fault instanceof SallyportError ? fault.code : 'CONTROL_FAULT';
    ports.onFault(code);
    const known = codes[code] === undefined ? 'CONTROL_FAULT' : code;
    return sendRefusal(context, reply, refuse(known, codes[known]?.sentence ?? 'The control plane failed.'));
  });
  const routes: { method: string; path: string; access: Access }[] = [];
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) routes.push({ method, path: route.url, access: accessOf(method, route.url) });
  });
  healthRoutes(app, context);
  signInRoutes(app, context);
  passkeyRoutes(app, context);
  sessionRoutes(app, context);
  accessRoutes(app, context);
  accessGrantRoutes(app, context);
  breakGlassRoutes(app, context);
  peopleRoutes(app, context);
  oauthRoutes(app, context);
  oauthClientRoutes(app, context);
  erasureRoutes(app, context);
  privacyRoutes(app, context);
  federationRoutes(app, context);
  ssoRoutes(app, context);
  scimRoutes(app, context);
  alertRoutes(app, context);
  conditionRoutes(app, context);
  dataMatrixRoutes(app, context);
  dataGuessesRoutes(app, context);
  dataPatternRoutes(app, context);
  recordRoutes(app, context);
  breachRoutes(app, context);
  assessmentRoutes(app, context);
  canaryRoutes(app, context);
  datasetRoutes(app, context);
  tokenRoutes(app, context);
  approvalRoutes(app, context);
  integrationRoutes(app, context);
  hookRoutes(app, context);
  ledgerRoutes(app, context);
  eventRoutes(app, context);
  reportRoutes(app, context);
  ledgerKeyRoutes(app, context);
  dataKeyRoutes(app, context);
  plainTextRoutes(app, context);
  workflowRoutes(app, context);
  runRoutes(app, context);
  leastRoutes(app, context);
  reviewRoutes(app, context);
  backupRoutes(app, context);
  overviewRoutes(app, context);
  tenantRoutes(app, context);
  workspaceRoutes(app, context);
  delegationRoutes(app, context);
  fleetRoutes(app, context);
  demoRoutes(app, context);
  connectRoutes(app, context);
  const makeTwin = tls === null ? overPlain : overTls(tls);
  let twin: Server | null = null;
  return {
    routes,
    listen: async (host, port) => {
      await app.listen({ host, port });
      const address = app.server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      if (host === '127.0.0.1') {
        twin = await listenOnTwin(makeTwin, (request, reply) => app.routing(request, reply), bound).catch(async (fault: unknown) => {
          await app.close();
          throw fault;
        });
      }
      return { host, port: bound };
    },
    close: async () => {
      await closeTwin(twin);
      await app.close();
    },
  };
}

/** Fastify sets no time limits on a server it did not make. */
const overPlain = (handler: RequestListener): Server =>
  createServer({ requestTimeout: UPLOAD_TIMEOUT_MS, headersTimeout: BODY_TIMEOUT_MS }, handler);

function overTls(tls: ControlTls) {
  return (handler: RequestListener): Server => {
    const server = createTlsServer({ ...tls.options, requestTimeout: UPLOAD_TIMEOUT_MS, headersTimeout: BODY_TIMEOUT_MS }, handler);
    tls.attach(server);
    return server;
  };
}

function healthRoutes(app: FastifyInstance, context: Context): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const unready = await context.ports.unready();
    if (unready.length === 0) return { status: 'ready' };
    return reply.code(503).send({ status: 'not_ready', unready });
  });
}
