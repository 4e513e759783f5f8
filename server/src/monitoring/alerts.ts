// Alerts as people see them: lists, one alert, and taking note of it.
// INVARIANT: nobody takes note alone of an alert about themselves while there is anybody else who could; nothing removes an alert.

import { type Clock, isRefusal, makeEvent, type PersonPrincipal, parseId, type Random, type Refusal, type TenantId, type Tx } from '#core';
import { appendEvents, type Database } from '#storage';
import { refusal } from './errors.ts';
import { type Flagged, flaggedOf } from './flagged.ts';
import { referenceOf } from './observed.ts';
import { FLAGGING, type Severity } from './rules.ts';
import {
  type AlertFilter,
  type AlertRow,
  acknowledgeAlert,
  countOpen,
  findAlert,
  holdAlert,
  listAlerts,
  listOpenOf,
} from './store/alerts.ts';

export interface AlertsDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly clock: Clock;
  readonly random: Random;
  actorsBehind(tenant: TenantId, pseudonyms: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Whether somebody else in the tenant could take note of it. */
  hasOthers(tx: Tx, person: PersonPrincipal): Promise<boolean>;
  /** Seals a note under the key of the person who writes it. */
  sealNote(tx: Tx, person: PersonPrincipal, note: string): Promise<Uint8Array>;
  sealChange(tx: Tx, person: PersonPrincipal, change: { before: null; after: { note: string | null } }): Promise<Uint8Array>;
}

export interface Alert extends AlertRow {
  /** Reference of who acted; null once that was erased. */
  readonly by: string | null;
}

export interface AlertPage {
  readonly alerts: readonly Alert[];
  /** Alert after which the next page begins; null at the end. */
  readonly next: string | null;
}

export interface Alerts {
  list(tenant: TenantId, filter: Omit<AlertFilter, 'before'> & { readonly before: string | null }): Promise<AlertPage | Refusal>;
  find(tenant: TenantId, id: string): Promise<Alert | Refusal>;
  open(tenant: TenantId): Promise<Readonly<Record<Severity, number>>>;
  /** Whom open alerts flag; `more` when there are more alerts than were looked at. */
  flagged(tenant: TenantId): Promise<{ readonly flagged: readonly Flagged[]; readonly more: boolean }>;
  acknowledge(person: PersonPrincipal, id: string, note: string | null): Promise<Alert | Refusal>;
  /** The alert is about this person, and somebody else is there to take note of it. */
  isForOthers(person: PersonPrincipal, alert: Alert): Promise<boolean>;
}

/** Open alerts looked at for who is flagged. */
const MAX_FLAGGING = 500;

export function createAlerts(deps: AlertsDeps): Alerts {
  const { db, clock, random } = deps;

  async function named(tenant: TenantId, rows: readonly AlertRow[]): Promise<readonly Alert[]> {
    const by = await deps.actorsBehind(tenant, [...new Set(rows.map((row) => row.actor))]);
    return rows.map((row) => {
      const actor = by.get(row.actor);
      return { ...row, by: actor === undefined ? null : referenceOf(actor) };
    });
  }

  async function find(tenant: TenantId, text: string): Promise<Alert | Refusal> {
    const id = parseId('alr', text);
    const row = id === null ? null : await db.inTenant(tenant, (tx) => findAlert(tx, tenant, id));
    const [alert] = row === null ? [] : await named(tenant, [row]);
    return alert ?? refusal('MONITORING_ALERT_UNKNOWN');
  }

  /** Who acted, whom it was done to, and who has emergency access, whoever gave it. */
  const isAbout = ({ person }: PersonPrincipal, { by, subject, facts }: Pick<Alert, 'by' | 'subject' | 'facts'>): boolean =>
    by === person || subject === person || facts.person === person;

  return {
    find,
    isForOthers: async (person, alert) => isAbout(person, alert) && (await db.inTenant(person.tenant, (tx) => deps.hasOthers(tx, person))),
    open: (tenant) => db.inTenant(tenant, (tx) => countOpen(tx, tenant)),
    async flagged(tenant) {
      const rows = await db.inTenant(tenant, (tx) => listOpenOf(tx, tenant, FLAGGING, MAX_FLAGGING + 1));
      return { flagged: flaggedOf(await named(tenant, rows.slice(0, MAX_FLAGGING))), more: rows.length > MAX_FLAGGING };
    },
    async list(tenant, { before, ...filter }) {
      const rows = await db.inTenant(tenant, async (tx) => {
        const id = before === null ? null : parseId('alr', before);
        const place = id === null ? null : await findAlert(tx, tenant, id);
        if (before !== null && place === null) return null;
        return listAlerts(tx, tenant, { ...filter, limit: filter.limit + 1, before: place });
      });
      if (rows === null) return refusal('MONITORING_ALERT_UNKNOWN');
      const page = rows.slice(0, filter.limit);
      return { alerts: await named(tenant, page), next: rows.length > page.length ? (page.at(-1)?.id ?? null) : null };
    },
    async acknowledge(person, text, note) {
      const { tenant } = person;
      const known = await find(tenant, text);
      if (isRefusal(known)) return known;
      const refused = await db.inTenant(tenant, async (tx): Promise<Refusal | null> => {
        const row = await holdAlert(tx, tenant, known.id);
        if (row === null) return refusal('MONITORING_ALERT_UNKNOWN');
        if (row.acknowledged !== null) return refusal('MONITORING_ALERT_ACKNOWLEDGED', { by: row.acknowledged.by });
        const isOwn = isAbout(person, known);
        if (isOwn && (await deps.hasOthers(tx, person))) return refusal('MONITORING_ALERT_OWN', { alert: known.id });
        const sealed = note === null ? null : await deps.sealNote(tx, person, note);
        await acknowledgeAlert(tx, tenant, { id: known.id, by: person.person, alone: isOwn, note: sealed, atMs: clock.now() });
        const facts = { rule: row.rule, alert: known.id, alone: isOwn };
        const change = await deps.sealChange(tx, person, { before: null, after: { note } });
        const event = { tenant, type: 'monitoring.alert.acknowledged', actor: person.person, subject: known.id, public: facts };
        await appendEvents(tx, [makeEvent({ clock, random }, { ...event, sealed: change })]);
        return null;
      });
      return refused ?? find(tenant, text);
    },
  };
}
