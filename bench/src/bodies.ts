// The request and reply bodies of the gateway benches: about 1 KB, once without and once with personal data in it.
// All data is invented.

export const MODEL = 'bench-model';

const CLEAN_TEXT =
  'The customer asks whether the kettle can be used on an induction stove and how long the warranty lasts. ' +
  'Answer in two short sentences, in a friendly tone, and name the relevant section of the manual if there is one. ' +
  'The manual says that the base is made of aluminium with a steel inlay, that it works on gas, electric and induction, ' +
  'and that the warranty covers manufacturing defects for two years from the day of purchase. Returns are accepted within ' +
  'thirty days when the item is unused and complete. Shipping takes between three and five working days within the country. ' +
  'Do not promise anything that is not written here, and offer to pass the question on to a colleague when in doubt.';

const DIRTY_TEXT =
  'Customer Dagny Fennimore (dagny.fennimore@example.com, +1 305 555 0142) writes about order 1042: the parcel went to ' +
  '12 Harbour Row, 54321 Millbrook Falls instead of 7 Orchard Close, 43210 Larkfield. She paid with card 4111 1111 1111 1111 ' +
  'and wants the refund on IBAN DE89 3704 0044 0532 0130 00. Her partner Osric (osric.oakhollow@example.com, 305-555-0177) ' +
  'signed in from 203.0.113.7 and from 2001:db8::42 yesterday. Answer politely, confirm what will happen next, and repeat the ' +
  'e-mail address dagny.fennimore@example.com so that she can check it. Do not promise anything that is not written here, and ' +
  'offer to pass the question on to a colleague when in doubt. The warranty covers manufacturing defects for two years.';

function chatBody(text: string, stream: boolean): string {
  return JSON.stringify({
    model: MODEL,
    messages: [
      { role: 'system', content: 'You are the support desk of a small shop that sells kitchen ware and camping gear. Be brief and exact.' },
      { role: 'user', content: text },
    ],
    temperature: 0.2,
    ...(stream ? { stream: true } : {}),
  });
}

export const cleanBody = (stream: boolean): string => chatBody(CLEAN_TEXT, stream);
export const dirtyBody = (stream: boolean): string => chatBody(DIRTY_TEXT, stream);

/** What the mock upstream says, whole or in pieces; every subject must hand on exactly this. */
export const REPLY_TEXT =
  'Yes, the kettle works on induction: the base has a steel inlay (see section 2 of the manual). The warranty covers manufacturing ' +
  'defects for two years from the day of purchase. Please tell us if you have any other question, we are happy to help at any time.';

export const EFFECT_CUSTOMER = 'c101';
export const EFFECT_PATH = '/orders/1001/refunds';
/** One cent, so that the windows of money limits are not what is measured. */
export const EFFECT_BODY = JSON.stringify({ amount: '0.01' });
