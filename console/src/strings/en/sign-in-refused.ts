// Why a sign-in by a company login did not work, by the code in the address. Whoever has no access here hears the same, whatever the reason.

const WORDS: Readonly<Record<string, string>> = {
  IDENTITY_SSO_UNAVAILABLE: 'This company login is not offered here.',
  IDENTITY_SSO_BUSY: 'Too many sign-ins are under way. Wait a little and try again.',
  IDENTITY_SSO_STATE_INVALID: 'This sign-in was not begun in this browser, or took longer than 10 minutes. Begin again.',
  IDENTITY_SSO_UNREACHABLE: 'Your company’s login could not be reached. Try again, or sign in another way.',
  IDENTITY_SSO_PROVIDER_UNUSABLE: 'Your company’s login is not set up as it must be. Tell whoever runs this installation.',
  IDENTITY_SSO_ISSUER_MISMATCH: 'Your company’s login is another one than was set up here. Tell whoever runs this installation.',
  IDENTITY_SSO_DECLINED: 'Your company’s login did not let you in. Ask your administrator there.',
  IDENTITY_SSO_CLIENT_REJECTED: 'Your company’s login does not know this installation any more. Tell whoever runs it.',
  IDENTITY_SSO_TOKEN_INVALID: 'What your company’s login sent can not be trusted. Begin again.',
  IDENTITY_SSO_NOT_ADMITTED: 'Your company’s login knows you, and you have no access here. Ask whoever runs this installation.',
  IDENTITY_SSO_ACCOUNT_TAKEN: 'That account is linked to somebody else here, or you have another one. Nothing was changed.',
  IDENTITY_SSO_NO_MFA: 'Your company’s login did not confirm a second factor.',
  IDENTITY_TOO_MANY_ATTEMPTS: 'There were too many tries. Wait a little and try again.',
};

export const refusedWords = (code: string): string => WORDS[code] ?? 'You could not be signed in. Begin again.';
