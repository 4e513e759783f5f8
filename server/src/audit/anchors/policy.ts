// Witness policies (c2sp.org/tlog-policy): which witnesses there are, where they answer, and how many of them must have cosigned.
// INVARIANT: what the page does not allow is refused with its line; a policy is never guessed at.

import { COSIGNATURE_V1, ED25519, parseVerifierKey, type VerifierKey } from '../witness/signed-note.ts';

export interface PolicyWitness {
  /** Inside the policy only. */
  readonly name: string;
  readonly key: VerifierKey;
  /** Submission prefix; null when the line has none. */
  readonly url: string | null;
}

interface PolicyGroup {
  readonly needed: number;
  readonly members: readonly string[];
}

export interface WitnessPolicy {
  readonly logs: readonly VerifierKey[];
  readonly witnesses: readonly PolicyWitness[];
  readonly groups: ReadonlyMap<string, PolicyGroup>;
  /** Name of a witness or group, or `none`. */
  readonly quorum: string;
}

export interface PolicyFault {
  readonly line: number;
  readonly message: string;
}

/** More than the page asks of implementations (32 of each), and a bound. */
const MAX_DEFINITIONS = 256;
const MAX_POLICY_BYTES = 256 * 1024;
const NONE = 'none';

class Wrong extends Error {}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Names are octet strings, compared as they are: shown as UTF-8 where they are UTF-8, and nowhere folded. */
function readable(octets: string): string {
  try {
    return decoder.decode(Buffer.from(octets, 'latin1'));
  } catch {
    return octets;
  }
}

class PolicyReader {
  readonly logs: VerifierKey[] = [];
  readonly witnesses: PolicyWitness[] = [];
  readonly groups = new Map<string, PolicyGroup>();
  readonly #defined = new Set<string>();
  readonly #members = new Set<string>();
  quorum: string | null = null;

  read(words: readonly string[]): void {
    const [word, ...rest] = words;
    if (this.#defined.size + this.logs.length > MAX_DEFINITIONS) throw new Wrong('there are more definitions than are read');
    if (word === 'log') this.#log(rest);
    else if (word === 'witness') this.#witness(rest);
    else if (word === 'group') this.#group(rest);
    else if (word === 'quorum') this.#quorum(rest);
    else throw new Wrong('a line begins with log, witness, group or quorum');
  }

  #log([key = '', url, ...more]: readonly string[]): void {
    if (more.length > 0) throw new Wrong('a log line is `log <key> [<url>]`');
    this.logs.push(this.#key(key, ED25519, this.logs));
    if (url !== undefined) checkUrl(url);
  }

  #witness([name = '', key = '', url, ...more]: readonly string[]): void {
    if (more.length > 0) throw new Wrong('a witness line is `witness <name> <key> [<url>]`');
    const keys = this.witnesses.map((witness) => witness.key);
    const parsed = this.#key(key, COSIGNATURE_V1, keys);
    this.#define(name);
    this.witnesses.push({ name, key: parsed, url: url === undefined ? null : checkUrl(url) });
  }

  #group([name = '', needed = '', ...members]: readonly string[]): void {
    if (members.length === 0) throw new Wrong('a group has a name, how many it needs, and members');
    for (const member of members) {
      if (!this.#defined.has(member)) throw new Wrong('a group names a member that no line before it defines');
      if (this.#members.has(member)) throw new Wrong('a name is a member of a group twice');
      this.#members.add(member);
    }
    const count = needed === 'any' ? 1 : needed === 'all' ? members.length : /^[1-9][0-9]{0,3}$/.test(needed) ? Number(needed) : 0;
    if (count < 1 || count > members.length) throw new Wrong('a group needs between one and all of its members');
    this.#define(name);
    this.groups.set(name, { needed: count, members });
  }

  #quorum([name = '', ...more]: readonly string[]): void {
    if (this.quorum !== null) throw new Wrong('there is a quorum line already');
    if (more.length > 0 || (name !== NONE && !this.#defined.has(name))) {
      throw new Wrong('a quorum names one witness or group of the lines before it, or none');
    }
    this.quorum = name;
  }

  #define(name: string): void {
    if (name === '' || name === NONE || this.#defined.has(name)) throw new Wrong('a name is missing, reserved or defined twice');
    this.#defined.add(name);
  }

  #key(text: string, type: number, known: readonly VerifierKey[]): VerifierKey {
    const key = parseVerifierKey(text);
    if (key === null || key.type !== type) {
      throw new Wrong(
        type === ED25519 ? 'a log has an Ed25519 verifier key (type 01)' : 'a witness has a cosignature/v1 verifier key (type 04)',
      );
    }
    if (known.some((other) => other.key.equals(key.key))) throw new Wrong('a key is listed twice');
    return key;
  }
}

function checkUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const isPlain =
    parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.username === '' && parsed.search === '' && parsed.hash === '';
  if (!isPlain) throw new Wrong('a URL is http or https, without user, query or fragment');
  return url.replace(/\/+$/, '');
}

/** The policy, or the first line that is wrong. */
export function parseWitnessPolicy(bytes: Uint8Array): WitnessPolicy | PolicyFault {
  if (bytes.byteLength > MAX_POLICY_BYTES) return { line: 0, message: 'the file is too large' };
  const reader = new PolicyReader();
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  for (const [index, line] of lines.entries()) {
    const wrong = (message: string): PolicyFault => ({ line: index + 1, message });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the page allows tab and newline only.
    if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(line)) return wrong('a control character is not allowed');
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    if (words.length === 0 || words[0]?.startsWith('#')) continue;
    try {
      reader.read(words.map(readable));
    } catch (fault) {
      if (fault instanceof Wrong) return wrong(fault.message);
      throw fault;
    }
  }
  const { logs, witnesses, groups, quorum } = reader;
  return quorum === null ? { line: lines.length, message: 'there is no quorum line' } : { logs, witnesses, groups, quorum };
}

export function isPolicyFault(value: WitnessPolicy | PolicyFault): value is PolicyFault {
  return 'message' in value;
}

/** Whether these witnesses, by their names in the policy, are enough. */
export function isQuorum(policy: WitnessPolicy, cosigned: ReadonlySet<string>): boolean {
  const holds = (name: string): boolean => {
    const group = policy.groups.get(name);
    if (group === undefined) return cosigned.has(name);
    return group.members.filter(holds).length >= group.needed;
  };
  return policy.quorum === NONE || holds(policy.quorum);
}
