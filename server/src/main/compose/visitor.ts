// Who acts from another tenant, for what is written about them.

import type { PersonPrincipal } from '#core';

/** Null for somebody at home. */
export const visitorOf = ({ person, home, tenant }: PersonPrincipal) => (home === tenant ? null : { person, home });
