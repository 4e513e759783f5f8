// Every code this room refuses with.

import type { CodeTable } from '#core';

export const connectorsCodes: CodeTable = {
  CONNECTORS_CASE_KIND: {
    kind: 'refusal',
    status: 403,
    sentence: 'A customer is read for a kind of case the manifest says can be open, such as ticket; this is none.',
  },
  CONNECTORS_CASE_UNKNOWN: {
    kind: 'refusal',
    status: 403,
    sentence: 'There is no such case in that integration; name the one you work on.',
  },
  CONNECTORS_CASE_CLOSED: {
    kind: 'refusal',
    status: 403,
    sentence: 'The case is not open any more; a customer’s details are read for open cases only.',
  },
  CONNECTORS_MANIFEST_INVALID: {
    kind: 'usage',
    status: 422,
    sentence: 'The manifest can not be used; correct the parts named in the problems.',
  },
  CONNECTORS_ANNOTATIONS_INVALID: {
    kind: 'usage',
    status: 422,
    sentence: 'The tool annotations can not be compiled; correct the parts named in the problems.',
  },
  CONNECTORS_OPERATION_UNKNOWN: {
    kind: 'refusal',
    status: 403,
    sentence: 'The integration declares no operation with this method and path; add it to the manifest or call a declared one.',
  },
  CONNECTORS_PATH_UNSAFE: {
    kind: 'refusal',
    status: 403,
    sentence: 'The path could be read in more than one way (dot segments, encoded separators, empty segments); send it in its plain form.',
  },
  CONNECTORS_ARGUMENT_UNKNOWN: {
    kind: 'refusal',
    status: 403,
    sentence: 'The call carries an argument that the operation does not declare; leave it out.',
  },
  CONNECTORS_ARGUMENT_REPEATED: {
    kind: 'refusal',
    status: 403,
    sentence: 'A query argument stands more than once, so it has no single value; send it once.',
  },
  CONNECTORS_ARGUMENT_MISSING: {
    kind: 'refusal',
    status: 403,
    sentence: 'A required argument is missing; send it.',
  },
  CONNECTORS_ARGUMENT_INVALID: {
    kind: 'refusal',
    status: 403,
    sentence: 'An argument has the wrong type or form; send it as the manifest declares it.',
  },
  CONNECTORS_ARGUMENT_TOO_LARGE: {
    kind: 'refusal',
    status: 403,
    sentence: 'An argument is larger, deeper or longer than the manifest allows; send less.',
  },
  CONNECTORS_BODY_UNEXPECTED: {
    kind: 'refusal',
    status: 403,
    sentence: 'The operation takes no body of this form; send a JSON object with the declared arguments only.',
  },
  CONNECTORS_AMOUNT_INVALID: {
    kind: 'refusal',
    status: 403,
    sentence: 'The amount is not an exact positive number of the currency; send a plain decimal without exponent.',
  },
  CONNECTORS_FACTS_UNAVAILABLE: {
    kind: 'refusal',
    status: 403,
    sentence: 'A record needed to decide this call could not be read, so the call is refused; try again when the integration answers.',
  },
  CONNECTORS_TOO_MANY_OBJECTS: {
    kind: 'refusal',
    status: 403,
    sentence: 'The call names more objects than can be checked at once; split it.',
  },
  CONNECTORS_LOOKUP_NOT_BOUND_CUSTOMER: {
    kind: 'refusal',
    status: 403,
    sentence: 'The lookup did not lead to the customer this run is bound to, so its result is withheld.',
  },
};
