// Witness policies of c2sp.org/tlog-policy: which k of which n witnesses must have signed a checkpoint. Decides about cosignatures only.

import { cosignedAt, type Note, type PublicKey, parseVerifierKey, WITNESS_KEY } from './note.ts';
import { Unverified } from './unverified.ts';

const MAX_POLICY_BYTES = 1024 * 1024;
const MAX_ENTRIES = 1_000;

interface Group {
  readonly needed: number;
  readonly members: readonly string[];
}

export interface Policy {
  /** Verifier keys of the logs it names. */
  readonly logs: readonly string[];
  readonly witnesses: ReadonlyMap<string, PublicKey>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly quorum: string;
}

export interface Witnessed {
  /** Names, in the policy, of the witnesses that signed, each with its time in seconds since 1970. */
  readonly by: ReadonlyMap<string, number>;
  readonly isEnough: boolean;
}

function wrong(message: string): Unverified {
  return new Unverified('POLICY_MALFORMED', message);
}

function parseGroup([name, needed, ...members]: readonly string[], isKnown: (name: string) => boolean): [string, Group] {
  if (name === undefined || needed === undefined || members.length === 0) throw wrong('A group of the policy has no members.');
  if (members.some((member) => !isKnown(member))) throw wrong('A group of the policy names a member that is not defined before it.');
  if (new Set(members).size !== members.length) throw wrong('A group of the policy names a member twice.');
  const count = needed === 'any' ? 1 : needed === 'all' ? members.length : /^[1-9]\d{0,5}$/.test(needed) ? Number(needed) : 0;
  if (count < 1 || count > members.length) throw wrong('A group of the policy needs more members than it has.');
  return [name, { needed: count, members }];
}

export function parsePolicy(text: string): Policy {
  if (text.length > MAX_POLICY_BYTES) throw wrong('The policy is too long.');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the specification allows tab and newline and no other control character.
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) throw wrong('The policy holds a control character.');
  const [logs, witnesses, groups, used] = [[] as string[], new Map<string, PublicKey>(), new Map<string, Group>(), new Set<string>()];
  const keys = new Set<string>();
  let quorum: string | null = null;
  const isKnown = (name: string): boolean => witnesses.has(name) || groups.has(name);
  const define = (name: string): void => {
    if (name === 'none' || isKnown(name)) throw wrong('A name of the policy is defined twice or reserved.');
  };
  const addKey = (kind: string, key: PublicKey): void => {
    if (keys.has(kind + key.raw.toString('hex'))) throw wrong('The policy lists a key twice.');
    keys.add(kind + key.raw.toString('hex'));
  };
  for (const line of text.split('\n')) {
    const [word = '', ...rest] = line.split(/[ \t]+/).filter((part) => part !== '');
    if (word === '' || word.startsWith('#')) continue;
    if (keys.size + groups.size > MAX_ENTRIES) throw wrong('The policy has too many entries.');
    if (word === 'log' && (rest.length === 1 || rest.length === 2)) {
      addKey('log', parseVerifierKey(rest[0] as string));
      logs.push(rest[0] as string);
    } else if (word === 'witness' && (rest.length === 2 || rest.length === 3)) {
      define(rest[0] as string);
      const key = parseVerifierKey(rest[1] as string, WITNESS_KEY);
      addKey('witness', key);
      witnesses.set(rest[0] as string, key);
    } else if (word === 'group') {
      const [name, group] = parseGroup(rest, isKnown);
      define(name);
      for (const member of group.members) {
        if (used.has(member)) throw wrong('A witness or group is a member twice.');
        used.add(member);
      }
      groups.set(name, group);
    } else if (word === 'quorum' && rest.length === 1 && quorum === null) {
      if (rest[0] !== 'none' && !isKnown(rest[0] as string)) throw wrong('The quorum names something that is not defined before it.');
      quorum = rest[0] as string;
    } else throw wrong('A line of the policy is not understood.');
  }
  if (quorum === null) throw wrong('The policy has no quorum.');
  return { logs, witnesses, groups, quorum };
}

export function witnessedBy(note: Note, policy: Policy): Witnessed {
  const by = new Map<string, number>();
  for (const [name, key] of policy.witnesses) {
    const at = cosignedAt(note, key);
    if (at !== null) by.set(name, at);
  }
  const holds = (name: string): boolean => {
    const group = policy.groups.get(name);
    return group === undefined ? by.has(name) : group.members.filter(holds).length >= group.needed;
  };
  return { by, isEnough: policy.quorum === 'none' || holds(policy.quorum) };
}
