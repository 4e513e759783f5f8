// Tokens of values, as the control plane makes and opens them, and the purposes they are for.

import type { DataClass, JsonObject, PersonPrincipal, Refusal, TenantId } from '#core';

export interface TokenPurposeInput {
  readonly name: string;
  readonly classes: readonly DataClass[];
  readonly openers: readonly string[];
  readonly keepDays: number;
}

export interface TokenPorts {
  readonly tokens: {
    purposes(tenant: TenantId): Promise<readonly JsonObject[]>;
    declare(person: PersonPrincipal, purpose: TokenPurposeInput): Promise<JsonObject | Refusal>;
    /** Destroys its tokens; gives how many there were. */
    end(person: PersonPrincipal, name: string): Promise<number | Refusal>;
    make(
      person: PersonPrincipal,
      asked: {
        readonly purpose: string;
        readonly values: readonly {
          readonly dataClass: DataClass;
          readonly value: string;
          readonly subject: string | null;
          readonly hasForm: boolean;
        }[];
      },
    ): Promise<readonly string[] | Refusal>;
    open(
      person: PersonPrincipal,
      asked: { readonly purpose: string; readonly tokens: readonly string[]; readonly reason: string },
    ): Promise<readonly JsonObject[] | Refusal>;
  };
}
