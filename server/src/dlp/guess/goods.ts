// Nouns of what shops sell, singular, by language: beside one of them a name is a brand's or a model's. Everyday words; extend freely.

const GOODS: ReadonlySet<string> = new Set(
  `jacket coat shirt tshirt blouse dress skirt jeans trousers pants shorts hoodie sweater jumper cardigan vest suit tie belt sock shoe boot sneaker trainer sandal heel hat cap
  scarf glove bag backpack handbag tote purse wallet suitcase watch ring necklace bracelet earring jewellery jewelry perfume fragrance shampoo conditioner soap lotion cream serum
  lipstick mascara makeup sofa couch chair armchair table desk bed mattress pillow duvet blanket lamp rug curtain shelf bookshelf wardrobe cabinet drawer mirror vase candle mug
  cup glass plate bowl bottle flask tumbler knife fork spoon pan pot kettle toaster blender mixer vacuum iron phone tablet laptop monitor keyboard mouse headphone speaker camera
  console charger cable printer bike bicycle helmet tent racket ball puzzle toy doll game book poster print frame pen pencil notebook calendar card collection range line set kit
  bundle edition series model brand store shop outlet catalogue sunglasses perfumes pyjamas bikini bra bench stool rugs swimsuit saddle guitar piano drum microphone tool drill saw
  lampe sofa tisch stuhl sessel bett matratze teppich regal schrank spiegel kissen decke kleid hemd hose jacke mantel rock bluse schuh stiefel tasche rucksack uhr ring kette
  parfum kerze tasse teller pfanne topf marke modell kollektion serie set spiel buch fahrrad kamera
  canape table chaise fauteuil lit matelas tapis etagere armoire miroir coussin robe chemise pantalon veste manteau jupe chaussure botte sac montre bague collier bougie tasse
  assiette poele marque modele gamme jeu livre velo lampadaire
  lampara mesa silla sillon cama colchon alfombra estante armario espejo cojin vestido camisa pantalon chaqueta abrigo falda zapato bota bolso mochila reloj anillo collar vela taza
  plato sarten olla marca modelo coleccion juego libro bicicleta
  divano tavolo sedia poltrona letto materasso tappeto scaffale armadio specchio cuscino vestito camicia pantaloni giacca cappotto gonna scarpa stivale borsa zaino orologio anello
  collana candela tazza piatto padella pentola marca modello collezione gioco libro bicicletta
  lamp bank tafel stoel fauteuil bed matras kleed kast spiegel kussen jurk hemd broek jas rok schoen laars tas rugzak horloge ring ketting kaars mok bord pan merk collectie spel
  boek fiets`.split(/\s+/),
);

/** A thing that is sold, in the singular or a plural. */
export function isGood(folded: string): boolean {
  return (
    GOODS.has(folded) ||
    ['s', 'es', 'e', 'n', 'en', 'x'].some((ending) => folded.endsWith(ending) && GOODS.has(folded.slice(0, -ending.length)))
  );
}
