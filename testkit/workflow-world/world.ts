// A server on a database of its own with the demo installed, beside a connection that is past every wall, as whoever owns the database has.

import pg from 'pg';
import { createServerDatabase } from '../crash/server-database.ts';
import { startOn } from '../crash/start-on.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type DemoUpstreams, installDemo, openDemoUpstreams, type WorkflowOwner } from './demo.ts';

export interface WorkflowWorld {
  readonly upstreams: DemoUpstreams;
  readonly server: Awaited<ReturnType<typeof startOn>>;
  /** As the superuser. */
  readonly db: pg.Pool;
  readonly owner: WorkflowOwner;
  /** The owner's call, which has to succeed. */
  must(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** Hash of the published template. */
  readonly hash: string;
  close(): Promise<void>;
}

export async function openWorkflowWorld(cluster: Parameters<typeof createServerDatabase>[0] | undefined): Promise<WorkflowWorld> {
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  const upstreams = await openDemoUpstreams();
  const databaseUrl = await createServerDatabase(cluster);
  const folder = await temporaryFolder('sallyport-workflow-');
  const server = await startOn({ folder: folder.path, databaseUrl, allowPrivate: upstreams.allowPrivate });
  const db = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  const owner: WorkflowOwner = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${server.control.port}${path}`, {
      method,
      headers: { authorization: `Bearer ${server.ownerToken}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const hash = await installDemo(owner, upstreams);
  return {
    upstreams,
    server,
    db,
    owner,
    must: async (method, path, body) => {
      const answer = await owner(method, path, body);
      if (answer.status >= 300) throw new Error(`${path} answers ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    hash,
    close: async () => {
      await db.end();
      await server.close();
      await upstreams.close();
      await folder.remove();
    },
  };
}

/** A ticket that stands in the shop already: no webhook tells of it. */
export function placeTicket(
  shop: DemoUpstreams['shop'],
  ticket: { readonly id: string; readonly customer: string; readonly body: string },
): void {
  const at = new Date(0).toISOString();
  const { id, customer, body } = ticket;
  shop.state.tickets.set(id, {
    id,
    customer_id: customer,
    subject: 'My order',
    body,
    status: 'open',
    created_at: at,
    updated_at: at,
    replies: [],
  });
}
