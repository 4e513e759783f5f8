// What the watch over the log sees across tenants: how far each log is, how far it was considered, and what is still to be sent.
// Of the leases it holds its own, so that it can not take the sequencer's jobs away.

import { grantSystem } from '#storage';

const OWN_LEASE = "job = 'alerts'";

export const migration = {
  id: '0164-monitoring-watcher',
  sql: `
${grantSystem('watcher', 'audit_tree', ['select'])}
${grantSystem('watcher', 'monitoring_cursor', ['select'])}
${grantSystem('watcher', 'monitoring_alerts', ['select'])}
grant select, insert, update on table audit_lease to sallyport_watcher;
create policy sallyport_watcher_lease on audit_lease for all to sallyport_watcher using (${OWN_LEASE}) with check (${OWN_LEASE});
`,
};
