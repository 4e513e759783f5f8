// Which countries count as one place for the law of transfers, and which of them a basis fits. Pure. It judges what somebody declared, and knows no host.

/** The European Economic Area: data moves inside it as inside one country. */
const EEA: ReadonlySet<string> = new Set(
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK'.split(' '),
);
/** Countries with a decision of adequacy under Article 45 of the GDPR; the United States only for who joined the framework, which is a basis of its own. */
const ADEQUATE: ReadonlySet<string> = new Set('AD AR CA CH FO GB GG IL IM JE JP KR NZ UY'.split(' '));

export const TRANSFER_BASES = ['none', 'adequacy', 'dpf', 'scc', 'bcr', 'derogation'] as const;
export type TransferBasis = (typeof TRANSFER_BASES)[number];

const COUNTRY = /^[A-Z]{2}$/;
/** Two letters of ISO 3166; what has another form is no country. */
export const isCountry = (text: string): boolean => COUNTRY.test(text);

/** What people call the place: `EEA`, or the country. */
export const regionOf = (country: string): string => (EEA.has(country) ? 'EEA' : country);

/** True when data that goes there stays where the tenant is. */
export const isInside = (home: string, country: string): boolean => regionOf(home) === regionOf(country);

/** Places whose law goes with personal data that leaves them, whoever holds it there. */
const HELD_BY_ORIGIN: ReadonlySet<string> = new Set(['EEA', 'GB', 'CH']);
/** True when data read in this region is under its law beside that of the tenant. */
export const bindsOrigin = (region: string): boolean => HELD_BY_ORIGIN.has(region);

/** Whether a basis can carry a transfer there at all: adequacy needs a decision about the country, the framework is about the United States. */
export function isFit(home: string, country: string, basis: TransferBasis): boolean {
  if (isInside(home, country)) return true;
  const isEuropean = regionOf(home) === 'EEA' || home === 'GB' || home === 'CH';
  switch (basis) {
    case 'none':
      return false;
    case 'adequacy':
      return !isEuropean || EEA.has(country) || ADEQUATE.has(country);
    case 'dpf':
      return country === 'US';
    case 'scc':
    case 'bcr':
    case 'derogation':
      return true;
    default:
      return basis satisfies never;
  }
}
