// One call as it reaches the guard, whatever surface it came in by.

import type { ApprovalId, CallId, DeletionTaskId, KeyId } from './ids.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { Label, LabelJson } from './labels.ts';
import type { UnixMs } from './ports.ts';
import type { Binding, NativeBinding, TokenFacts } from './principal.ts';

/** Where a text stood in a model request. Roles never carry trust by themselves. */
export type PartRole = 'system' | 'user' | 'assistant' | 'tool_result' | 'tool_schema' | 'tool_arguments' | 'other';

export type JsonPath = readonly (string | number)[];

/** One text leaf of a request body. `format` is `json` when the text itself is JSON (tool arguments). */
export interface TextPart {
  readonly path: JsonPath;
  readonly text: string;
  readonly role: PartRole;
  /** Set on tool results and tool arguments: the id that ties them to a recorded call. */
  readonly toolCallId: string | null;
}

export interface LabelledPart extends TextPart {
  readonly label: Label;
}

/** A place where the protocol itself has an id, a name or a number of its own. What is somebody's in it is found like anywhere else. */
export interface ProtocolSpot {
  /** `id`: a placeholder serves as well. `name` and `number`: nothing can stand in its place. */
  readonly kind: 'id' | 'name' | 'number';
  readonly path: JsonPath;
  readonly text: string;
}

export interface ModelRequest {
  readonly kind: 'model';
  readonly integration: string;
  readonly model: string;
  readonly stream: boolean;
  /** The bytes as received; forwarded unchanged when nothing in them has to change. */
  readonly raw: Uint8Array;
  readonly body: JsonObject;
  readonly parts: readonly TextPart[];
  readonly spots: readonly ProtocolSpot[];
  /** `list` is GET /v1/models. */
  readonly action: 'chat' | 'list';
}

export interface OperationRequest {
  readonly kind: 'operation';
  readonly integration: string;
  readonly method: string;
  /** Path below the integration, starting with `/`, as received (still percent-encoded), without the query. */
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly body: JsonValue | undefined;
}

export type CallRequest = ModelRequest | OperationRequest;

/** A stretch of a request to a model of which it is not sure what it is. */
export interface Doubt {
  /** What it may be, in the words of the recognisers; more than one where two guesses overlap. */
  readonly types: readonly string[];
  readonly text: string;
}

/** A person's approval of exactly one stored call, and what the call was when it was stored. */
export interface Endorsement {
  readonly approval: ApprovalId;
  readonly digest: string;
  readonly key: KeyId;
  /** What the call came in by, when that was an access token. */
  readonly token?: TokenFacts | undefined;
  readonly binding: Binding;
  readonly label: LabelJson;
  /** The labels of single arguments, as they were; `null` when the call was not one of our runtime. */
  readonly argumentLabels: Readonly<Record<string, LabelJson>> | null;
  /** Of a request to a model: what was in doubt when it was stored, as the approver saw it. */
  readonly doubts?: readonly Doubt[];
  /** The approver lets exactly those stretches through as they are. */
  readonly sendsAsIs?: boolean;
}

/**
 * What our runtime knows of the values of a call, one by one.
 * INVARIANT: an argument or a message that is not named here has the worst label.
 */
export interface NativeLabels {
  readonly arguments: Readonly<Record<string, Label>>;
  /** By place in `messages`. */
  readonly messages: readonly Label[];
  /** What decided that the call is made at all. */
  readonly context: Label;
}

/** A call of our own runtime. INVARIANT: only the workflow runtime makes one; no listener reads it from a request. */
export interface NativeCaller {
  /** Key of the workflow's workload; checked like any other, but never shown to anybody. */
  readonly key: KeyId;
  readonly binding: NativeBinding;
  /** The read of the trigger's own record from which a signed workflow learns whose case it is. */
  readonly isChannel: boolean;
  readonly labels: NativeLabels;
  /** What this step of the run may call, signed: the guard admits nothing beyond it. */
  readonly token: string;
}

/** A deletion at whoever had received data. INVARIANT: only the rounds of people's rights make one, and a person approves it. */
export interface ErasureCaller {
  /** Key of the workload that deletes for the tenant; checked like any other, and never shown to anybody. */
  readonly key: KeyId;
  readonly task: DeletionTaskId;
}

/** How a credential came with a request: what an access token and its proof are checked against. */
export interface PresentedAt {
  readonly scheme: 'bearer' | 'dpop';
  /** The DPoP header, or `null`. */
  readonly proof: string | null;
  readonly method: string;
  /** The address of the request, without its query, under each name of this server. */
  readonly urls: readonly string[];
  /** Whether a token issued for that resource is meant for this route. */
  accepts(audience: string): boolean;
}

/** What a surface hands to the guard. */
export interface Received {
  readonly call: CallId;
  readonly receivedAtMs: UnixMs;
  readonly surface: 'openai' | 'connect' | 'approval' | 'workflow' | 'erasure';
  /** The API key or access token as presented, or `null` when there was none. Never logged. */
  readonly presentedKey: string | null;
  /** Absent where no access token can come in. */
  readonly presentedAt?: PresentedAt;
  /** The signed binding header as presented, or `null`. */
  readonly presentedBinding: string | null;
  /** The caller's own idempotency key, or `null`. */
  readonly idempotencyKey: string | null;
  readonly request: CallRequest;
  /** Set when we execute a stored call after its approval; such a call re-enters by the same door and passes every stage again. */
  readonly endorsement: Endorsement | null;
  /** Set for the calls of our own runtime; then no key and no binding is presented. */
  readonly native?: NativeCaller;
  /** The browser behind the call says that its user opts out (`Sec-GPC: 1`), as the caller passes it on. */
  readonly optsOut?: boolean;
  /** Set for the deletion of a person who was erased here, and when it runs after its approval. */
  readonly erasure?: ErasureCaller;
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal;
}
