// Words of the first screen, of the settings and of the charts.

export const welcome = {
  title: 'Welcome',
  headline: 'AI that works in your shop, and can be trusted with it',
  lead: 'Every call an AI makes passes one guard: personal data is replaced, payments and messages are checked, and everything is written to a ledger that a stranger can verify.',
  choices: 'How to begin',
  demo: {
    title: 'See it work',
    lead: 'A demo shop opens here. Customers write tickets, some of them carry a trap, and you watch live what becomes of it.',
    points: [
      'About two minutes',
      'No account, no key, nothing leaves this machine',
      'Everything is marked as sample and removed in one go',
    ],
    action: 'See it work',
    resume: 'Back to the demo',
  },
  connect: {
    title: 'Connect mine',
    lead: 'Put the guard between a program of yours and its model: change one address and one key, and watch the first call arrive.',
    points: [
      'n8n, LangChain, a script: anything that speaks to OpenAI',
      'Your provider’s key is sealed here; the program gets one of ours',
      'A shop can follow, with a person deciding on refunds',
    ],
    action: 'Connect mine',
  },
  skip: 'Go to the Overview',
  docs: 'Read how it works',
} as const;

export const settings = {
  open: 'Settings',
  title: 'Settings of this browser',
  lead: 'They change how the console looks here, for you, and nothing else.',
  theme: 'Theme',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' } as Readonly<Record<string, string>>,
  contrast: 'Contrast',
  contrasts: { system: 'As the system', more: 'High' } as Readonly<Record<string, string>>,
  density: 'Density',
  densities: { comfortable: 'Comfortable', compact: 'Compact' } as Readonly<Record<string, string>>,
} as const;

export const charts = {
  asTable: (title: string) => `${title}: show as a table`,
  asChart: (title: string) => `${title}: show as a chart`,
  hour: (title: string) => `${title}: read hour by hour with the arrow keys`,
  total: 'Total',
  nothing: 'Nothing to show yet.',
} as const;
