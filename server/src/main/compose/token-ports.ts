// Tokens for the control plane: each call one transaction, on record as who asked; and tokens among the places that hold data of people.

import type { TokenPorts } from '#control';
import { formatTime, isRefusal, type JsonObject, makeEvent, rolesOf } from '#core';
import type { HeldPart, Place } from '#governance';
import { appendEvents } from '#storage';
import { tokenKind } from '#vault';
import { systemWorld } from '../world.ts';
import { sealFor } from './change-records.ts';
import type { OpenDatabase } from './database.ts';
import type { Rooms } from './rooms.ts';

const DAY_MS = 24 * 60 * 60_000;

type Purposes = Awaited<ReturnType<Rooms['vault']['tokens']['purposes']['list']>>;

function view(one: Purposes[number]): JsonObject {
  const { name, classes, openers, keepDays, tokens, ended, byClass, declaredAt, declaredBy, endedAt } = one;
  return {
    ...{ name, openers: [...openers], keepDays, tokens, ended, byClass: { ...byClass }, declaredBy },
    classes: classes.map((dataClass) => ({ class: dataClass, kind: tokenKind(dataClass) })),
    declaredAt: formatTime(declaredAt.getTime()),
    endedAt: endedAt === null ? null : formatTime(endedAt.getTime()),
  };
}

export function tokenPorts(rooms: Rooms, { database }: Pick<OpenDatabase, 'database'>): TokenPorts {
  const { tokens } = rooms.vault;
  const by = (person: Parameters<TokenPorts['tokens']['declare']>[0]) => ({
    tenant: person.tenant,
    actor: person.person,
    seal: sealFor(rooms, person),
  });
  return {
    tokens: {
      purposes: async (tenant) => (await database.inTenant(tenant, (tx) => tokens.purposes.list(tx, tenant))).map(view),
      declare: async (person, purpose) => {
        const done = await database.inTenant(person.tenant, (tx) => tokens.purposes.declare(tx, by(person), purpose));
        return isRefusal(done) ? done : view(done);
      },
      end: (person, name) => database.inTenant(person.tenant, (tx) => tokens.purposes.end(tx, by(person), name)),
      make: (person, { purpose, values }) =>
        database.inTenant(person.tenant, async (tx) => {
          const { tenant } = person;
          const made = await tokens.make(tx, { tenant, purpose, values });
          if (isRefusal(made)) return made;
          const classes = [...new Set(values.map(({ dataClass }) => dataClass))].sort();
          const facts = { purpose, values: made.length, classes };
          const about = { tenant, type: 'vault.token.made', actor: person.person, subject: `token_purpose:${purpose}` };
          await appendEvents(tx, [makeEvent(systemWorld, { ...about, public: facts })]);
          return made;
        }),
      open: async (person, { purpose, tokens: names, reason }) => {
        const { tenant } = person;
        const opener = { person: person.person, roles: rolesOf(person), seal: sealFor(rooms, person) };
        const opened = await database.inTenant(tenant, (tx) => tokens.open(tx, { tenant, purpose, tokens: names, by: opener, reason }));
        if (isRefusal(opened)) return opened;
        return opened.map(({ token, dataClass, value, code }) => ({ token, class: dataClass, value, code }));
      },
    },
  };
}

const ABOUT = { email_address: 'EMAIL', phone_number: 'PHONE' } as const;

/** All tokens of one person in one purpose; each is kept so many days after the newest of them was made. */
export function tokensPlace({ vault }: Pick<Rooms, 'vault'>): Place {
  const { held } = vault.tokens;
  return {
    name: 'tokens',
    changed: (tx, tenant) => held.changed(tx, tenant),
    open: async (tx, tenant, refs) => {
      const groups = Map.groupBy(await held.read(tx, tenant, refs), ({ ref }) => ref);
      return [...groups].map(([ref, own]) => {
        const atMs = Math.max(...own.map(({ madeAtMs }) => madeAtMs));
        const [{ purpose, keepDays }] = own as [(typeof own)[number]];
        const parts = own.map(({ customer, dataClass, value }): HeldPart => {
          const type = ABOUT[dataClass as keyof typeof ABOUT];
          const content = { class: dataClass, value };
          const base = { owner: customer, isRecord: true, content };
          if (type === undefined) return base;
          return { ...base, values: [{ type, value }], ...(customer === null ? { about: { type, value } } : {}) };
        });
        return { ref, mark: '', atMs, endedAtMs: atMs + keepDays * DAY_MS, purpose, runs: [], parts };
      });
    },
    erase: (tx, tenant, refs) => held.end(tx, tenant, refs),
  };
}
