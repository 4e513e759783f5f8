// Alerts for the control plane: with names, and with what their event rests on for whoever may take note of them.

import type { AlertPorts, AlertView, AuthorizePorts } from '#control';
import { formatTime, isRefusal, makeEvent, may, type PersonPrincipal, type TenantId } from '#core';
import { type Alert, RULE_NAMES, RULES, type RuleName } from '#monitoring';
import { systemWorld } from '../world.ts';
import type { Alerting } from './alerting.ts';
import { lookBy } from './authorize-ports.ts';
import { namesOf } from './people-ports.ts';
import type { Rooms } from './rooms.ts';

const isRule = (name: string): name is RuleName => (RULE_NAMES as readonly string[]).includes(name);

export function alertPorts(rooms: Rooms, { alerts, details, openNote }: Alerting, authorize: AuthorizePorts['authorize']): AlertPorts {
  const { identity, ledger } = rooms;

  async function namer(tenant: TenantId): Promise<(reference: string | null) => string | null> {
    const nameOf = await namesOf(rooms, tenant);
    const programs = new Map((await identity.listWorkloads(tenant)).map(({ id, name }) => [id as string, name]));
    return (reference) => {
      if (reference === null) return null;
      return reference.startsWith('per_') ? nameOf(reference) : (programs.get(reference) ?? reference);
    };
  }

  async function viewer(tenant: TenantId): Promise<(alert: Alert) => AlertView> {
    const nameOf = await namesOf(rooms, tenant);
    const named = await namer(tenant);
    return ({ acknowledged, occurredAtMs, raisedAtMs, lastAtMs, deliveredAtMs, ...alert }) => ({
      id: alert.id,
      rule: alert.rule,
      severity: alert.severity,
      meaning: RULES[alert.rule]?.meaning ?? alert.rule,
      by: alert.by,
      byName: named(alert.by),
      seq: alert.seq,
      type: alert.type,
      subject: alert.subject,
      facts: alert.facts,
      at: formatTime(occurredAtMs),
      raisedAt: formatTime(raisedAtMs),
      times: alert.times,
      lastAt: formatTime(lastAtMs),
      acknowledged:
        acknowledged === null
          ? null
          : { at: formatTime(acknowledged.atMs), by: acknowledged.by, byName: nameOf(acknowledged.by), alone: acknowledged.alone },
      deliveredAt: deliveredAtMs === null ? null : formatTime(deliveredAtMs),
      deliveryFault: alert.deliveryFault,
    });
  }

  const pseudonymsOf = (tenant: TenantId, by: string): Promise<readonly string[]> => ledger.pseudonyms(tenant, by);

  const tellOpened = ({ tenant, person }: PersonPrincipal, { id, seq }: Alert): Promise<void> =>
    rooms.events.append(
      makeEvent(systemWorld, { tenant, type: 'audit.event.opened', actor: person, subject: tenant, public: { seq, alert: id } }),
    );

  const mayLook = lookBy(authorize);

  /** Asked without doing it: the answer to the same question as the deed. */
  async function whyNot(person: PersonPrincipal, alert: Alert): Promise<string | null> {
    if (alert.acknowledged !== null) return 'MONITORING_ALERT_ACKNOWLEDGED';
    if (!may(person, 'alerts.acknowledge')) return 'CONTROL_ROLE_FORBIDDEN';
    return (await alerts.isForOthers(person, alert)) ? 'MONITORING_ALERT_OWN' : null;
  }

  return {
    alerts: {
      rules: RULE_NAMES.map((rule) => ({ rule, severity: RULES[rule].severity, meaning: RULES[rule].meaning })),
      list: async ({ tenant }, { rule, by, state, ...query }) => {
        // A rule nobody has raises nothing.
        if (rule !== null && !isRule(rule)) return { alerts: [], next: null, open: await alerts.open(tenant) };
        const actors = by === null ? null : await pseudonymsOf(tenant, by);
        const page = await alerts.list(tenant, { ...query, rule, actors, isOpen: state === 'all' ? null : state === 'open' });
        if (isRefusal(page)) return page;
        return { alerts: page.alerts.map(await viewer(tenant)), next: page.next, open: await alerts.open(tenant) };
      },
      flagged: async ({ tenant }) => {
        const { flagged, more } = await alerts.flagged(tenant);
        const named = await namer(tenant);
        return {
          more,
          flagged: flagged.map(({ kind, subject, sinceMs, lastAtMs, alerts: about }) => ({
            kind,
            subject,
            name: named(subject),
            since: formatTime(sinceMs),
            lastAt: formatTime(lastAtMs),
            alerts: about.map(({ id, rule, severity, times, facts, lastAtMs: last }) => ({
              ...{ id, rule, severity, times, facts },
              meaning: RULES[rule].meaning,
              lastAt: formatTime(last),
            })),
          })),
        };
      },
      show: async (person, id) => {
        const { tenant } = person;
        const alert = await alerts.find(tenant, id);
        if (isRefusal(alert)) return alert;
        const mayOpen = mayLook(person, 'alerts.acknowledge') || mayLook(person, 'data.reveal');
        const code = await whyNot(person, alert);
        const note = alert.acknowledged?.note ?? null;
        const opened = mayOpen ? await details(tenant, alert.seq) : null;
        if (opened !== null) await rooms.reads.once(person, `alert ${alert.id}`, () => tellOpened(person, alert));
        return {
          ...(await viewer(tenant))(alert),
          details: opened,
          detailsWithheld: !mayOpen,
          note: note === null || !mayOpen ? null : await openNote(tenant, note),
          acknowledgeable: { ok: code === null, code },
        };
      },
      acknowledge: async (person, id, note) => {
        const alert = await alerts.acknowledge(person, id, note);
        return isRefusal(alert) ? alert : (await viewer(person.tenant))(alert);
      },
    },
  };
}
