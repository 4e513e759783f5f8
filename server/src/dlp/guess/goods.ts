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
  boek fiets
  clock alarmclock barometer globe bookend paperweight coaster placemat napkin tablecloth trivet tray platter ladle whisk spatula colander sieve strainer peeler grater zester
  corkscrew decanter carafe jug pitcher goblet tankard thermos lunchbox cutlery chopstick skewer wok casserole skillet griddle roaster steamer toastie waffle bedding bedspread
  quilt pillowcase bolster cushion pouf poufs beanbag rocker daybed cradle settee loveseat credenza hutch chest hamper hanger rack pedestal blind shutter valance tassel
  candlestick candelabra diffuser incense potpourri oilburner nightlight spotlight downlight pendant floorlamp bulb lightbulb dimmer socket doorbell padlock handle knob hinge
  bracket washer clamp anvil chisel mallet trowel spade hoe shears secateurs pruner wateringcan birdhouse planterbox pergola arbour trellis deckchair lounger windchime firepit
  brazier terrarium vivarium saddlebag pannier pedal tyre tire rim fender handlebar derailleur wheel scooterboard rollerskate puck arrow dart dartboard frisbee shuttlecock
  kettlebell stepper carabiner bivvy binoculars telescope microscope magnifier walkie gimbal harddrive ssd mousepad cartridge ribbon shredder laminator whiteboard clipboard
  ruler protractor eraser sharpener scissors paintbrush sketchbook scrapbook yarn wool thread needle bobbin thimble loom crochet bead sequin lace velvet linen satin flannel
  fleece denim tartan tweed corduroy dungarees overalls jumpsuit playsuit culottes bermudas capri palazzo camisole bustier negligee pashmina shawl snood balaclava earmuff
  mitten mitt gauntlet cummerbund bowtie pocketsquare lapel badge locket tiara bangle choker hairpin barrette hairband wig spritz bodywash bathbomb salts exfoliator loofah
  sponge toothbrush toothpaste floss mouthwash denture plaster bandage inhaler nebuliser robot mop broom dustpan bucket detergent softener bleach starch clothesline dryer airer
  organiser organizer dispenser caddy canister crock ramekin tart quiche loaf baguette croissant muffin scone brownie fudge toffee nougat marzipan praline truffle jam marmalade
  chutney relish mustard ketchup mayonnaise pesto salsa hummus tahini granola muesli porridge oat quinoa lentil couscous noodle gnocchi ravioli salami ham prosciutto chorizo
  brie camembert cheddar gouda yoghurt kefir kombucha lemonade cordial cider rum vodka brandy liqueur vermouth bitters espresso cappuccino latte matcha chai rooibos sencha
  halter stirrup wecker vorhang gardine jalousie leuchte stehlampe tischlampe hangelampe pendelleuchte kronleuchter nachttisch beistelltisch couchtisch esstisch schreibtisch
  sekretar vitrine truhe garderobe schuhschrank kleiderschrank eckbank barhocker drehstuhl ohrensessel schlafsofa boxspringbett lattenrost topper kopfkissen bettdecke
  spannbetttuch tagesdecke badematte fussmatte ubertopf blumentopf giesskanne gartenbank liegestuhl strandkorb sonnenschirm pavillon spaten rasenmaher hecke heckenschere messer
  gabel loffel schere kelle reibe sieb schneidebrett brotkasten kanne teekanne karaffe krug becher schussel auflaufform brater morser muhle waage stabmixer backofen mikrowelle
  spulmaschine geschirrspuler gefrierschrank tiefkuhler bugelbrett wischer eimer besen salbe maske spulung haarkur bursten kamm fohn rasierer zahnburste lippenstift nagellack
  puder schal handschuhe socke strumpf strumpfhose schlafanzug nachthemd unterhemd bh weste strickjacke regenjacke sakko krawatte fliege hosentrager stiefelette sandale
  pantoffel hausschuh turnschuh ballerina pumps geldbeutel handtasche umhangetasche laptoptasche turnbeutel trolley armband armreif anhanger ohrring brosche diadem armbanduhr
  halskette strampler lauflernwagen kinderwagen wiege laufrad roller dreirad puppe baukasten kreisel bausatz drachen schlitten zelt schlafsack isomatte kocher taschenlampe
  fernglas rutsche schaukel sandkasten planschbecken halsband napf kratzbaum hafer musli honig marmelade aufstrich senf essig keks schokolade bonbon lakritz wurst schinken kase
  brot brotchen kuchen torte saft sirup limonade bier schnaps likor sekt rotwein weisswein sorte mischung rostung bohne bottine escarpin ballerine mocassin chausson pantoufle
  chaussette collant legging nuisette culotte soutien-gorge maillot pareo caban doudoune blouson sweat pull-over debardeur tunique combinaison salopette bermuda jean ceinturon
  foulard chale etole casquette chapeau sacoche pochette cabas besace porte-monnaie portefeuille pendentif broche chevaliere pendule reveil tabouret repose-pied chaise-longue
  transat banc banquette clic-clac sommier couette oreiller traversin drap housse plaid couverture paillasson torchon nappe vaisselle bol saladier cocotte faitout marmite
  pichet passoire rape fouet louche planche moulin balance mixeur hotte refrigerateur congelateur aspirateur balai seau poubelle panier corbeille boite bocal jardiniere
  arrosoir tonnelle hamac balancoire toboggan trottinette tricycle poussette berceau peluche poupee toupie cerf-volant tente gourde lampe-torche jumelles bougeoir photophore
  applique lustre veilleuse ampoule chargeur casque enceinte ecouteur clavier souris imprimante stylo carnet cahier agenda trousse cartable gomme pinceau toile affiche gateau
  tarte confiture miel moutarde vinaigre huile fromage saucisson jambon chocolat caramel tisane cafe vin biere cidre sirop jus baume masque gommage shampooing dentifrice brosse
  peigne rasoir coquetier plateau dessous-de-plat tabatiere sandalia botin pantufla calcetin leotardo pijama camison braga sujetador banador sudadera rebeca blusa camiseta mono
  peto vaquero falda-pantalon gabardina plumas impermeable chal panuelo fular boina sombrero visera cartera monedero billetera rinonera neceser pulsera pendiente tobillera
  despertador taburete puf banco banqueta sofa-cama somier almohada edredon sabana funda manta colcha felpudo servilleta trapo vajilla cuenco bandeja jarra copa cacerola
  cazuela espumadera cucharon batidor rallador colador molinillo bascula licuadora batidora tostadora hervidor horno campana nevera congelador lavadora secadora lavavajillas
  aspiradora plancha escoba cesta tarro maceta regadera sombrilla hamaca columpio tobogan patinete triciclo cochecito cuna muneca peonza cometa cantimplora linterna prismaticos
  candelabro aplique bombilla enchufe cargador auricular altavoz teclado raton impresora boligrafo libreta cuaderno estuche lapiz pincel lienzo cartel galleta tarta mermelada
  mostaza vinagre aceite queso jamon caramelo turron infusion vino cerveza sidra jarabe zumo locion balsamo mascarilla exfoliante champu dentifrico cepillo peine maquinilla
  florero jarron sandalo scarpe stivaletto mocassino ciabatta pantofola calzino pigiama vestaglia reggiseno mutande camicetta maglietta canotta impermeabile piumino scialle
  cappello visiera portafoglio borsello marsupio bracciale orecchino spilla cavigliera sveglia sgabello panca divano-letto guanciale piumone lenzuolo federa coperta copriletto
  zerbino tovaglia tovagliolo strofinaccio servizio ciotola insalatiera vassoio brocca calice moka teglia casseruola pentolino mestolo frusta grattugia colino tagliere macinino
  bilancia frullatore tostapane bollitore forno cappa frigorifero congelatore lavatrice asciugatrice lavastoviglie aspirapolvere ferro scopa secchio cesto barattolo fioriera
  annaffiatoio ombrellone amaca altalena scivolo monopattino passeggino culla bambola trottola aquilone borraccia torcia binocolo lampadario lampadina caricatore cuffia
  tastiera stampante quaderno astuccio gomma matita pennello cornice biscotto torta crostata marmellata miele senape aceto olio formaggio salame cioccolato caramella torrone
  tisana caffe birra sidro sciroppo succo lozione maschera dentifricio spazzolino pettine rasoio ricambio sandaal enkellaars slof sok panty badpak zwembroek topje tuinbroek
  spijkerbroek regenjas omslagdoek hoed baret portemonnee heuptas toilettas oorbel enkelband klok wekker poef bankstel slaapbank boxspring dekbed kussensloop hoeslaken deken
  sprei vloerkleed tapijt deurmat tafelkleed servet theedoek servies schaal dienblad karaf beker koekenpan braadpan soeplepel garde rasp vergiet zeef snijplank molen weegschaal
  broodrooster waterkoker kookplaat afzuigkap koelkast vriezer wasmachine droger vaatwasser stofzuiger strijkijzer bezem emmer doos trommel koektrommel bloempot gieter hangmat
  schommel glijbaan driewieler wieg knuffel vlieger slaapzak veldfles zaklamp verrekijker kandelaar wandlamp kroonluchter lampenkap vloerlamp bureaulamp gloeilamp stekker
  oplader koptelefoon luidspreker toetsenbord muis schrift etui potlood kwast koekje taart honing mosterd azijn olie kaas worst chocolade snoep thee koffie wijn siroop balsem
  masker tandpasta borstel kam scheermes vaas buffetkast nachtkastje dressoir boekenkast kapstok`.split(/\s+/),
);

/** A thing that is sold, in the singular or a plural. */
export function isGood(folded: string): boolean {
  return (
    GOODS.has(folded) ||
    ['s', 'es', 'e', 'n', 'en', 'x'].some((ending) => folded.endsWith(ending) && GOODS.has(folded.slice(0, -ending.length)))
  );
}
