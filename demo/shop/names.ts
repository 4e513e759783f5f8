// Word lists for generated data. Every name is made up from these; nobody real is meant.

export const FIRST_NAMES = [
  'Adira', 'Bastian', 'Corentin', 'Dagny', 'Elowen', 'Fenna', 'Gideon', 'Hestia', 'Ingram', 'Jorunn',
  'Kestrel', 'Leocadia', 'Merrick', 'Nerida', 'Osric', 'Petronel', 'Quillon', 'Rosamund', 'Sunniva', 'Tiberius',
] as const; // biome-ignore format: one line a row keeps the list readable

export const LAST_NAMES = [
  'Ashgrove', 'Birchwell', 'Copperfold', 'Dunmarrow', 'Elderbrook', 'Fennimore', 'Glasswright', 'Hollowhurst', 'Ironquill', 'Juniperson',
  'Kettleby', 'Larkmoor', 'Mossgate', 'Nightingdale', 'Oakhollow', 'Pennywhistle', 'Quartermain', 'Ravenscar', 'Silverthwaite', 'Thistledown',
] as const; // biome-ignore format: one line a row keeps the list readable

export const STREETS = [
  'Alder Lane', 'Bramble Road', 'Cinder Street', 'Dovecote Close', 'Ember Avenue', 'Foxglove Drive', 'Granary Row', 'Harbour Street',
] as const; // biome-ignore format: one line a row keeps the list readable

export const CITIES = [
  'Fairhollow',
  'Greywater',
  'Kingsmere',
  'Larkfield',
  'Millbrook Falls',
  'Northpoint',
  'Oldbridge',
  'Stonehaven Bay',
] as const;

export const BRANDS = ['visa', 'mastercard', 'amex'] as const;

export const COLOURS = ['moss', 'slate', 'sand', 'indigo'] as const;

export const PRODUCTS: readonly { readonly title: string; readonly priceMinor: number; readonly description: string }[] = [
  {
    title: 'Trail Kettle',
    priceMinor: 4990,
    description: 'A one litre kettle of hard-anodised aluminium. Works on gas and on open fire. Weight 240 g.',
  },
  { title: 'Harbour Lamp', priceMinor: 8950, description: 'A dimmable desk lamp with a linen shade. 800 lumen, warm white.' },
  { title: 'Orchard Apron', priceMinor: 3425, description: 'A waxed canvas apron with two pockets. Machine washable at 30 degrees.' },
  { title: 'Cloud Duvet', priceMinor: 12900, description: 'A light all-season duvet of 135 by 200 cm. Filled with recycled fibre.' },
  { title: 'River Bottle', priceMinor: 2775, description: 'A steel bottle of 750 ml. Keeps drinks cold for 24 hours.' },
  { title: 'Granite Mortar', priceMinor: 5640, description: 'A mortar and pestle of grey granite, 14 cm wide.' },
  { title: 'Lantern Tent', priceMinor: 21900, description: 'A tent for two people. Packs down to 45 cm; weight 2.1 kg.' },
  { title: 'Beacon Radio', priceMinor: 7490, description: 'A hand-cranked radio with a torch and a charging port.' },
  { title: 'Meadow Blanket', priceMinor: 6315, description: 'A picnic blanket with a waterproof back, 150 by 200 cm.' },
  { title: 'Slate Coasters', priceMinor: 1860, description: 'Four round coasters of natural slate with felt feet.' },
  { title: 'Copper Funnel', priceMinor: 1540, description: 'A small copper funnel for oil and spirits.' },
  { title: 'Willow Basket', priceMinor: 4480, description: 'A woven basket with a lid and leather straps.' },
];

export const REVIEW_TEXTS = [
  'Exactly as described and it arrived quickly.',
  'Good quality for the price. I would buy it again.',
  'It is a little smaller than I thought, but it works well.',
  'My second one. The first was a present for a friend.',
  'Solid and well made. The packaging was plain paper, which I liked.',
] as const;
