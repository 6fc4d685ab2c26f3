// The colour of each ingredient: from the palette, or else computed from its id.

/** @type {Record<string, string>} ids by colour */
const PALETTE = {
  "#fbf6ea": "milk coconut-milk whipped-cream cream egg-white salt sugar vanilla-ice-cream",
  "#f6ead2": "oat-milk soy-milk almond-milk yogurt kefir buttermilk cream-cheese-foam kumis rice",
  "#efd9b8": "condensed-milk evaporated-milk baked-milk ryazhenka oats white-chocolate banana",
  "#dcedf5": "water sparkling-water tonic-water birch-sap",
  "#c3dfee": "ice",
  "#eef1e6": "simple-syrup coconut-water",
  "#e8f2d8": "lemon-lime-soda coconut lychee elderflower-syrup coconut-jelly aloe-vera",
  "#e9dcb0": "white-tea ginger ginger-ale ginger-beer chamomile-tea barley-tea cream-soda pear",
  "#f8e36b": "lemon lemon-sorbet pineapple pineapple-juice yuzu calamansi",
  "#f3b23a": "mango mango-juice turmeric saffron honey passion-fruit egg-yolk yuja-marmalade",
  "#f59a36": "orange orange-juice mandarin apricot apricot-nectar sea-buckthorn orange-zest",
  "#f0a884": "peach peach-nectar papaya persimmon grapefruit grapefruit-juice guava guava-nectar",
  "#ec7a35": "carrot carrot-juice pumpkin rooibos dried-apricot",
  "#e9c46a": "apple apple-juice kombucha apple-cider-vinegar agave-syrup pear-juice",
  "#e0526a": "strawberry strawberry-syrup watermelon grenadine rose-syrup",
  "#c9304c": "raspberry raspberry-syrup cherry-juice cranberry cranberry-juice omija rose-hip",
  "#a81f3c": "pomegranate pomegranate-juice hibiscus-tea cherry lingonberry kokum",
  "#d8402f": "tomato tomato-juice hot-sauce cayenne-pepper chili-powder",
  "#8d1f4f": "beetroot beet-juice plum prune purple-corn",
  "#f2b8c6": "rose-water rose-petals dragon-fruit marshmallow",
  "#6f3f86": "blackcurrant blackberry grape-juice grapes acai ube",
  "#5468a8": "blueberry butterfly-pea-tea",
  "#b9a2dc": "lavender taro",
  "#9ccf8a": "mint mint-syrup cucumber melon green-tea jasmine-tea shiso",
  "#c5d957": "lime kiwi gooseberry",
  "#7fae4b": "matcha pandan avocado pistachio green-mango lemon-balm lemongrass tarragon",
  "#5d8f4a": "basil spinach kale parsley cilantro dill celery rosemary thyme sage spirulina",
  "#5a3a28": "coffee espresso cold-brew instant-coffee chicory tapioca-pearls grass-jelly",
  "#3f2a20": "cola root-beer chocolate-cookies kvass licorice-root molasses",
  "#6d4530": "cocoa-powder dark-chocolate chocolate-syrup chocolate-ice-cream date jujube",
  "#a4622c": "black-tea earl-grey-tea pu-erh-tea oolong-tea fireweed-tea yerba-mate tamarind raisin",
  "#b87a43": "cinnamon nutmeg clove cardamom star-anise hojicha brown-sugar jaggery piloncillo",
  "#cf9350": "caramel-syrup maple-syrup vanilla vanilla-syrup hazelnut-syrup peanut-butter orgeat",
  "#d9bc93": "almond cashew walnut pine-nut malted-milk-powder sesame tiger-nut barley rye-bread",
};

const CHOSEN = new Map(
  Object.entries(PALETTE).flatMap(([colour, ids]) => ids.split(" ").map((id) => [id, colour])),
);

/** Compute a soft colour from an id. */
function compute(id) {
  let hash = 7;
  for (const letter of id) hash = (hash * 31 + letter.codePointAt(0)) % 100_003;
  return `hsl(${hash % 360} ${38 + (hash % 5) * 6}% ${60 + (hash % 4) * 5}%)`;
}

/** Return the CSS colour of an ingredient. */
export const colourOf = (id) => CHOSEN.get(id) ?? compute(id);
