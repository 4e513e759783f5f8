// Whether somebody is here to look and for nothing else.

import type { Session } from '../../api/queries.ts';

export const isAuditor = (session: Session | undefined): boolean =>
  session !== undefined && session.roles.length > 0 && session.roles.every((role) => role === 'auditor');
