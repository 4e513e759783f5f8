// The part of the Cedar WebAssembly module this room uses, as a port: main hands the module in, because loading it reads files.

import type { JsonValue } from '#core';

interface Problem {
  readonly message: string;
}

type Failure = { readonly type: 'failure'; readonly errors: readonly Problem[] };
export type Parsed = { readonly type: 'success' } | Failure;

export interface EntityUid {
  readonly type: string;
  readonly id: string;
}

export interface PolicyEntity {
  uid: { type: string; id: string };
  attrs: Record<string, string | boolean | string[]>;
  parents: { type: string; id: string }[];
}

export interface AuthorizationCall {
  principal: { type: string; id: string };
  action: { type: string; id: string };
  resource: { type: string; id: string };
  context: Record<string, string | number | boolean>;
  preparsedSchemaName: string;
  preparsedPolicySetId: string;
  validateRequest: boolean;
  entities: PolicyEntity[];
}

export type AuthorizationAnswer =
  | {
      readonly type: 'success';
      readonly response: {
        readonly decision: 'allow' | 'deny';
        /** A policy that errs is skipped by Cedar, a forbid too: any error here must deny. */
        readonly diagnostics: { readonly reason: readonly string[]; readonly errors: readonly JsonValue[] | readonly object[] };
      };
    }
  | Failure;

export interface CedarEngine {
  preparseSchema(name: string, schema: string): Parsed;
  preparsePolicySet(id: string, policies: { staticPolicies: Record<string, string> }): Parsed;
  /** Trap: answers `success` with the errors in `validationErrors`. */
  validate(call: { schema: string; policies: { staticPolicies: Record<string, string> } }):
    | {
        readonly type: 'success';
        readonly validationErrors: readonly { readonly policyId: string; readonly error: Problem }[];
        readonly validationWarnings: readonly { readonly policyId: string; readonly error: Problem }[];
      }
    | Failure;
  policyToJson(policy: string):
    | {
        readonly type: 'success';
        readonly json: { readonly effect: 'permit' | 'forbid'; readonly annotations?: Readonly<Record<string, string>> };
      }
    | Failure;
  getValidRequestEnvsPolicy(
    policy: string,
    schema: string,
  ): { readonly type: 'success'; readonly actions: readonly string[] } | { readonly type: 'failure'; readonly error: string };
  statefulIsAuthorized(call: AuthorizationCall): AuthorizationAnswer;
}
