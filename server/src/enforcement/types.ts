// The shape of a call between stages. Each stage takes the previous type and returns the next one, or a refusal;
// so a stage can not be skipped without the types saying so.

import type { Facts, MatchedOperation } from '#connectors';
import type {
  Binding,
  BoundCustomer,
  Department,
  JsonObject,
  JsonValue,
  Label,
  LabelledPart,
  OptOutUse,
  PartRole,
  Reach,
  Received,
  ReservationId,
  WorkloadPrincipal,
} from '#core';
import type { Conversation, Found } from '#dlp';
import type { Signal } from '#guardrails';
import type { BudgetHold, CountedLimit } from '#limits';
import type { LeaseHolder } from '#vault';
import type { EgressFlow, Flow } from './ports.ts';
import type { Integration } from './store/catalogue.ts';

/** What a decision is recorded with; what its kind must have and is null denies (`stages/identities.ts`). */
export interface Identities {
  /** The key, client or grant it came in by. */
  readonly credential: string | null;
  /** SHA-256 of the signed version of its workflow; null for what runs elsewhere. */
  readonly version: string | null;
  readonly run: string | null;
  /** SHA-256 of the integration's manifest; of a model integration, of what it offers and where. */
  readonly manifest: string | null;
}

export interface Identified {
  readonly received: Received;
  readonly principal: WorkloadPrincipal;
  readonly binding: Binding;
  readonly customer: BoundCustomer | null;
  readonly integration: Integration;
  /** The workspaces that have a hand in the call, each with what it may use and spend. */
  readonly departments: readonly Department[];
  /** Who and what the decision rests on, as it is recorded. */
  readonly identities: Identities;
  /** The workload with the version and step of its workflow, as far as they are known: what it may reach, and in whose name credentials are used. */
  readonly holder: Extract<LeaseHolder, { kind: 'workload' }>;
  /** What the approved step or workflow reaches; `null` where there is no approved graph to go by. */
  readonly reach: Reach | null;
}

/** Labels joined over everything the call carries, and the parts they came from. */
export interface Labelled extends Identified {
  readonly parts: readonly LabelledPart[];
  readonly label: Label;
  /** One label an argument, for calls of our own runtime; `null` for others, whose every argument has the label of the call. */
  readonly argumentLabels: Readonly<Record<string, Label>> | null;
  /** The matched operation of a connector call; `null` for a model call. */
  readonly matched: MatchedOperation | null;
  /** Uses people may opt out of that it is made for; nobody who did is in it. */
  readonly usedFor?: readonly OptOutUse[];
}

export interface Screened extends Labelled {
  readonly signals: readonly Signal[];
  /** Part index to text without hidden characters. */
  readonly sanitized: ReadonlyMap<number, string>;
  /** What leaves of somebody, and where to; set once it was found that it may. */
  readonly flow?: Flow;
}

export interface Resolved extends Screened {
  readonly facts: Facts | null;
}

export interface Authorized extends Resolved {
  readonly policies: readonly string[];
  /** SHA-256 over exactly what an approver approves; `null` for what needs no endorsement digest. */
  readonly digest: string | null;
  /** Done before under the same key: only the stored result may be given, nothing is sent. */
  readonly repeats: boolean;
}

/** What leaves for the destination, and the conversation that can restore what comes back. */
export interface Rendered extends Authorized {
  readonly outgoing: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Uint8Array | null;
  };
  readonly conversation: Conversation | null;
  /** Texts of a request to a model that hold a guess of which a person decides; empty when nobody has to be asked. */
  readonly asked: readonly MarkedText[];
  /** What rules on trial would have done, counted by class and handling. */
  readonly onTrial: Readonly<Record<string, number>>;
}

/** A text as its author wrote it, and what was found in it, in order. */
export interface MarkedText {
  readonly role: PartRole;
  readonly text: string;
  readonly marks: readonly Pick<Found, 'start' | 'end' | 'types' | 'isAsked'>[];
}

export interface Committed extends Rendered {
  /** Resolves when the intent is durable. Already resolved for effects and disclosures. */
  readonly intent: Promise<void>;
  readonly reservation: ReservationId | null;
  /** What was counted on an estimate, and is set right once it is known what the call used. */
  readonly holds: readonly Held[];
  /** Key of the effect row; `null` when the call is not an effect. */
  readonly effect: string | null;
  /** A stored result when this effect was already done under the same key. */
  readonly replay: StoredResult | null;
  /** An earlier attempt of the same effect may have happened; this one repeats it under the same upstream key. */
  readonly resends: boolean;
}

export interface Held {
  readonly what: CountedLimit['what'];
  readonly hold: BudgetHold;
}

export interface StoredResult {
  readonly status: number;
  readonly body: JsonValue;
}

export interface Sent extends Committed {
  readonly status: number;
  readonly contentType: string;
  readonly answer: { readonly kind: 'whole'; readonly bytes: Uint8Array } | { readonly kind: 'stream'; readonly body: UpstreamBody };
}

/** A paused upstream body; reading starts with `read`. Faults arrive through the promise. */
export interface UpstreamBody {
  readonly flow: EgressFlow;
  /** Hands every chunk to `onChunk`; resolves when the body ended. */
  read(onChunk: (chunk: Uint8Array) => void): Promise<void>;
}

/** Where the guard writes what the caller may see. Owned by the surface. */
export interface Reply {
  begin(status: number, contentType: string): void;
  /** False when the caller reads slowly; `onDrain` then tells when to go on. */
  write(chunk: Uint8Array | string): boolean;
  onDrain(resume: () => void): void;
  end(): void;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What the guard does with the words of a reply, handed to the protocol that knows where the words are. */
export interface OutputHooks {
  /** One channel a choice; text goes in as it arrives, what may be released comes out. */
  openText(): TextChannel;
  /** Whole tool calls of one choice, in order: the calls to release, or a refusal. */
  toolCalls(calls: readonly ToolCall[]): readonly ToolCall[] | Refused;
  usage(usage: Usage): void;
}

export interface TextChannel {
  push(text: string): string | Refused;
  end(): string | Refused;
}

export type Refused = import('#core').Refusal;

/** A model wire protocol as the guard sees it. Implemented by the gateway, one a surface. */
export interface ModelProtocol {
  /** Tools the request declares, in JSON-Schema function form. */
  declaredTools(body: JsonObject): readonly JsonObject[];
  /** A whole reply body: the same bytes when nothing changed. */
  transformWhole(raw: Uint8Array, hooks: OutputHooks): Uint8Array | Refused;
  openStream(hooks: OutputHooks): ModelStream;
}

export interface ModelStream {
  /** Set once the stream was refused. What `push` returned until then may leave; nothing after it does. */
  readonly refused: Refused | null;
  /** True once the protocol's own end was read: the reply is whole, whatever the connection does afterwards. */
  readonly done: boolean;
  /** Bytes that may be released now (possibly none). */
  push(chunk: Uint8Array): Uint8Array | string | null | Refused;
  end(): Uint8Array | string | null | Refused;
}
