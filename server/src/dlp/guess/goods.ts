// Nouns of what shops sell, singular, by language: beside one of them a name is a brand's or a model's. Everyday words; extend freely.

const GOODS: ReadonlySet<string> = new Set(
  `jacket coat shirt tshirt blouse dress skirt jeans trousers pants shorts hoodie sweater jumper cardigan vest suit tie belt sock shoe boot sneaker trainer sandal heel hat cap
  scarf glove bag backpack handbag tote purse wallet suitcase watch ring necklace bracelet earring jewellery jewelry perfume fragrance shampoo conditioner soap lotion cream serum
  lipstick mascara makeup sofa couch chair armchair table desk bed mattress pillow duvet blanket lamp rug curtain shelf bookshelf wardrobe cabinet drawer mirror vase candle mug
  cup glass plate bowl bottle flask tumbler knife fork spoon pan pot kettle toaster blender mixer vacuum iron phone tablet laptop monitor keyboard mouse headphone speaker camera
  console charger cable printer bike bicycle helmet tent racket ball puzzle toy doll game book poster print frame pen pencil notebook calendar card collection range line set kit
  bundle edition series model brand store shop outlet catalogue sunglasses perfumes pyjamas bikini bra bench stool rugs swimsuit saddle guitar piano drum microphone tool drill saw
  teapot planter pot bookcase sideboard nightstand dresser ottoman recliner futon bedframe headboard lampshade chandelier sconce doormat towel bathrobe robe pyjama nightgown slipper
  loafer moccasin flipflop espadrille clutch satchel briefcase duffel umbrella keychain brooch anklet cufflink earbud earphone headset charger adapter powerbank router modem webcam
  printer scanner projector speaker soundbar turntable tripod lens drone stroller buggy crib pram carrier highchair bib bodysuit onesie romper tutu leggings tights stocking brassiere
  lingerie corset thong boxer brief trunk polo tank tee top tunic poncho parka anorak windbreaker raincoat trench blazer waistcoat tuxedo gown kimono sari veil apron beanie beret fedora
  visor headband scrunchie comb brush razor trimmer epilator clipper hairdryer straightener curler primer foundation concealer blush bronzer highlighter eyeliner eyeshadow polish remover
  toner cleanser scrub mask moisturiser moisturizer sunscreen deodorant cologne balm gel foam wax pomade tea coffee wine whisky gin beer chocolate biscuit cookie cake honey sauce oil
  vinegar spice bread cheese sausage pasta rice cereal vitamin supplement protein planner journal diary stapler folder binder crayon marker easel canvas sticker stamp envelope album cd
  vinyl record dvd controller joystick headlamp flashlight torch lantern cooler grill barbecue smoker hammock parasol gazebo trampoline swing slide scooter skateboard rollerblade ski
  snowboard sled surfboard kayak paddle snorkel goggles wetsuit dumbbell barbell treadmill rower mat yoga racquet bat glove cleat jersey leash collar crate kennel aquarium feeder litter
  wheelchair walker crutch hoover dishwasher fridge freezer oven stove hob microwave cooker fryer grinder juicer scale thermometer humidifier purifier heater fan radiator faucet tap sink
  shower bathtub toilet tile paint wallpaper ladder hammer wrench screwdriver plier sander chainsaw mower hose sprinkler shovel rake wheelbarrow greenhouse fence shed design print pattern
  edp edt eau decor fabric wallpaper figurine statue sculpture ornament wreath garland tree bauble voucher giftcard sampler palette duo trio pack sachet refill capsule pod
  waschmaschine trockner kuhlschrank herd ofen mixer wasserkocher toaster kaffeemaschine staubsauger bugeleisen handtuch bademantel pullover mutze handschuh anzug gurtel brille
  sonnenbrille geldborse koffer rucksack kommode sideboard couch hocker liege matte geschirr besteck kissenbezug bettwasche duft creme seife gutschein gin wein kaffee linie reihe
  lampe sofa tisch stuhl sessel bett matratze teppich regal schrank spiegel kissen decke kleid hemd hose jacke mantel rock bluse schuh stiefel tasche rucksack uhr ring kette
  parfum kerze tasse teller pfanne topf marke modell kollektion serie set spiel buch fahrrad kamera
  parfum eau creme savon rouge vernis lunettes ceinture echarpe bonnet gants pull gilet costume cravate valise buffet commode bureau lampe suspension abat-jour rideau theiere bouilloire
  couteau fourchette cuillere verre bouteille linge serviette peignoir ligne serie montre cafetiere grille-pain
  canape table chaise fauteuil lit matelas tapis etagere armoire miroir coussin robe chemise pantalon veste manteau jupe chaussure botte sac montre bague collier bougie tasse
  assiette poele marque modele gamme jeu livre velo lampadaire
  perfume colonia crema jabon gafas cinturon bufanda gorro guantes jersey chaleco traje corbata maleta comoda escritorio cortina tetera cafetera cuchillo tenedor cuchara vaso botella
  toalla albornoz linea serie zapatilla deportiva sofa vestido butaca
  lampara mesa silla sillon cama colchon alfombra estante armario espejo cojin vestido camisa pantalon chaqueta abrigo falda zapato bota bolso mochila reloj anillo collar vela taza
  plato sarten olla marca modelo coleccion juego libro bicicleta
  profumo crema sapone occhiali cintura sciarpa berretto guanti maglione gilet abito cravatta valigia comodino cassettiera scrivania tenda teiera caffettiera coltello forchetta cucchiaio
  bicchiere bottiglia asciugamano accappatoio linea serie lampada poltrona maglia felpa
  divano tavolo sedia poltrona letto materasso tappeto scaffale armadio specchio cuscino vestito camicia pantaloni giacca cappotto gonna scarpa stivale borsa zaino orologio anello
  collana candela tazza piatto padella pentola marca modello collezione gioco libro bicicletta
  parfum creme zeep bril riem sjaal muts handschoen trui vest pak stropdas koffer commode bureau gordijn theepot mes vork lepel glas fles handdoek badjas lijn serie kruk stoel
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
