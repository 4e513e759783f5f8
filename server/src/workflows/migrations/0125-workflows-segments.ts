// Every process follows which version of each workflow is published, to know what calls in its name may reach.

import { grantSystem } from '#storage';

export const migration = {
  id: '0125-workflows-segments',
  sql: `
${grantSystem('authenticator', 'workflow_versions', 'select')}
`,
};
