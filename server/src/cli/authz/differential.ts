// Broken object-level authorisation, looked for by difference: one tenant's owner asks every route of the table about the other's things, and
// must be told what is told of something that is not there. What there is to ask about is read from the routes themselves, so that a new
// route and a new list are part of it without a line here. INVARIANT: it looks only, unless it is told that it may act.

import { ROUTE_ACTIONS } from '#control';
import { isArray, isObject, type JsonValue } from '#core';
import { nothingAt, type Send, type Sent } from './matrix.ts';

export interface Difference {
  readonly route: string;
  /** What was answered about the other tenant’s thing, and about nothing. */
  readonly theirs: string;
  readonly nothing: string;
}

export interface Comparison {
  /** Things of the other tenant that a route was asked about and that its own owner can see there. */
  readonly compared: number;
  /** Routes with an id or a name in their address that something could be asked about. */
  readonly routes: number;
  readonly different: readonly Difference[];
}

export interface CompareOptions {
  /** Also what changes something: only where a fault may do harm, on an installation made for it. */
  readonly acts?: boolean;
  /** The asker's tenant has nothing that somebody named: a name of the other's in one of its lists is the other's. */
  readonly isEmpty?: boolean;
  /** Somebody else in the asker’s place: who asks about much that is not there is stopped for it. */
  readonly renew?: () => Promise<string>;
  readonly routes?: Readonly<Record<string, string>>;
}

const ID = /^([a-z]{2,8})_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NAME = /^[a-z0-9][a-z0-9._-]{1,62}$/;
/** Of each kind of id, and of names, so many are asked about. */
const PER_KIND = 2;
const MAX_NAMES = 12;
/** Who the installation's owner sees beside each other. */
const TENANT = 'ten';
/** Own numbers of each tenant: the same number is a thing of one's own. */
const NUMBERED = ':seq';
/** Where checkpoints are kept is the installation's, and kinds of destination are everybody's: the same names in every tenant. */
const SHARES_NAMES: ReadonlySet<string> = new Set(['GET /api/ledger', 'GET /api/data/matrix']);
/** Answers with a file, of what the tenant itself exports. */
const IS_FILE = /\/export$/;

/** What somebody is told who is stopped for asking about too much that is not there. */
const STOPPED = 'CONTROL_RISK_HIGH';

interface Things {
  /** By what stands before the `_`. */
  readonly ids: ReadonlyMap<string, ReadonlySet<string>>;
  readonly names: ReadonlySet<string>;
}

export async function compareTenants(asker: string, other: string, send: Send, options: CompareOptions = {}): Promise<Comparison> {
  const table = Object.entries(options.routes ?? (ROUTE_ACTIONS as Readonly<Record<string, string>>))
    .filter(([, action]) => action !== 'anyone')
    .map(([route]) => route);
  const lists = table.filter((route) => route.startsWith('GET ') && !route.includes(':') && !IS_FILE.test(route));
  const [theirs, mine] = [await thingsOf(other, lists, send), await thingsOf(asker, lists, send)];
  const foreign = withoutOwn(theirs, mine);
  const visitor = await personOf(other, send);
  const told = [...theirs.ids].flatMap(([kind, ids]) => (kind === TENANT ? [] : [...ids].filter((id) => id !== visitor)));
  const different: Difference[] = [];
  const note = (route: string, seen: string, nothing: string): void => {
    if (!different.some((one) => one.route === route)) different.push({ route, theirs: seen, nothing });
  };
  /** Names in the answer that the other is told by the same list, too. */
  const namedThere = async (route: string, body: JsonValue): Promise<number> => {
    const there = thingsIn([(await send(other, 'GET', pathOf(route))).body]).names;
    return [...thingsIn([body]).names].filter((name) => there.has(name)).length;
  };
  for (const route of lists) {
    const { status, body } = await send(asker, 'GET', pathOf(route));
    const names = options.isEmpty === true && status < 400 && !SHARES_NAMES.has(route) ? await namedThere(route, body) : 0;
    const named = idsIn(body, told) + names;
    if (named > 0) note(route, `names ${named} of them`, 'names none');
  }
  let token = asker;
  let compared = 0;
  const asked = new Set<string>();
  for (const route of table.filter((one) => one.includes(':'))) {
    const [method = '', path = ''] = route.split(' ');
    if (method !== 'GET' && options.acts !== true) continue;
    const body = method === 'GET' || method === 'DELETE' ? undefined : '{}';
    for (const thing of candidates(path, foreign)) {
      const at = addressOf(path, thing);
      // Only what the owner of it sees there is a thing of that route.
      if (method === 'GET' && (await send(other, method, at)).status >= 400) continue;
      const askBoth = async (): Promise<readonly [Sent, Sent]> => [
        await send(token, method, at, body),
        await send(token, method, addressOf(path, nothingLike(thing)), body),
      ];
      let [about, nothing] = await askBoth();
      if (isStopped(about) || isStopped(nothing)) {
        if (options.renew === undefined) {
          note(
            route,
            STOPPED,
            'an answer of its own: whoever asked was taken for somebody who probes, and nothing after this was compared',
          );
          return { compared, routes: asked.size, different };
        }
        token = await options.renew();
        [about, nothing] = await askBoth();
      }
      compared += 1;
      asked.add(route);
      const isOwn = path.includes(NUMBERED) && about.status < 400;
      if (!isOwn && toldOf(about) !== toldOf(nothing)) note(route, toldOf(about), toldOf(nothing));
      else if (about.status < 400 && idsIn(about.body, told) > 0) note(route, `${toldOf(about)}, and names their things`, toldOf(nothing));
    }
  }
  return { compared, routes: asked.size, different };
}

const pathOf = (route: string): string => route.slice(route.indexOf(' ') + 1);
const isNamed = (path: string): boolean => /:(?:name|provider)/.test(path);

function candidates(path: string, { ids, names }: Things): readonly string[] {
  if (path.includes(NUMBERED)) return ['0', '1', '2'];
  if (isNamed(path)) return [...names].slice(0, MAX_NAMES);
  return [...ids.values()].flatMap((some) => [...some].slice(-PER_KIND));
}

/** The thing in the first place of the address, and nothing in the others. */
function addressOf(path: string, thing: string): string {
  return nothingAt(path.replace(/:\w+/, encodeURIComponent(thing)));
}

/** Of the same form, so that only whether it is there can make a difference. */
function nothingLike(thing: string): string {
  const kind = ID.exec(thing)?.[1];
  return kind === undefined ? (/^\d+$/.test(thing) ? '999999999' : 'nothing-of-that-name') : `${kind}_00000000-0000-7000-8000-000000000000`;
}

async function thingsOf(token: string, lists: readonly string[], send: Send): Promise<Things> {
  const bodies: JsonValue[] = [];
  for (const route of lists) {
    const { status, body } = await send(token, 'GET', pathOf(route));
    if (status < 400) bodies.push(body);
  }
  return thingsIn(bodies);
}

function thingsIn(bodies: readonly JsonValue[]): Things {
  const ids = new Map<string, Set<string>>();
  const names = new Set<string>();
  const walk = (value: JsonValue | undefined, key: string): void => {
    if (typeof value === 'string') {
      const kind = ID.exec(value)?.[1];
      if (kind !== undefined) ids.set(kind, (ids.get(kind) ?? new Set()).add(value));
      else if (key === 'name' && NAME.test(value)) names.add(value);
    } else if (isArray(value)) for (const item of value) walk(item, key);
    else if (isObject(value)) for (const [name, item] of Object.entries(value)) walk(item, name);
  };
  for (const body of bodies) walk(body, '');
  return { ids, names };
}

/** A name both use is each one’s own. So is an id both see, for asking about it: that the asker sees it at all is told by the list that names it. */
function withoutOwn(theirs: Things, mine: Things): Things {
  const own = new Set([...mine.ids.values()].flatMap((ids) => [...ids]));
  const ids = new Map([...theirs.ids].map(([kind, some]) => [kind, new Set([...some].filter((id) => !own.has(id)))] as const));
  return { ids, names: new Set([...theirs.names].filter((name) => !mine.names.has(name))) };
}

/** Who made the asker's tenant stands in its log, and is meant to. */
async function personOf(token: string, send: Send): Promise<string | null> {
  const { body } = await send(token, 'GET', '/api/session');
  return isObject(body) && typeof body.person === 'string' ? body.person : null;
}

function idsIn(body: JsonValue, ids: readonly string[]): number {
  const text = JSON.stringify(body);
  return ids.filter((id) => text.includes(id)).length;
}

const isStopped = (sent: Sent): boolean => toldOf(sent).endsWith(STOPPED);
const toldOf = ({ status, body }: Sent): string => `${status} ${isObject(body) && typeof body.code === 'string' ? body.code : ''}`.trim();
