// The page: a drink, and what the API suggests to add to it.

const TEXTS = {
  en: {
    language: "Language",
    drink: "Your drink",
    add: "Add an ingredient",
    addButton: "Add",
    clear: "Start again",
    suggestions: "Add next",
    docs: "The API",
    asking: "Asking…",
    base: "Begin with one of these:",
    next: "Goes well with it:",
    remove: (name) => `Remove ${name}`,
    failed: "The bar did not answer. Check the connection and try again.",
  },
  ru: {
    language: "Язык",
    drink: "Ваш напиток",
    add: "Добавить ингредиент",
    addButton: "Добавить",
    clear: "Начать заново",
    suggestions: "Что добавить",
    docs: "API",
    asking: "Спрашиваем…",
    base: "Начните с одного из этих:",
    next: "Хорошо подойдёт:",
    remove: (name) => `Убрать: ${name}`,
    failed: "Бар не отвечает. Проверьте соединение и попробуйте ещё раз.",
  },
};
const POLL_MS = 100;
const GIVE_UP_MS = 30_000;

const byId = (id) => document.getElementById(id);
const state = { language: "en", names: new Map(), drink: [], question: 0 };

async function call(path, options = {}) {
  const headers = { "Accept-Language": state.language, "Content-Type": "application/json" };
  const answer = await fetch(path, { ...options, headers });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail);
  return { status: answer.status, body };
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Ask what to add and wait for the answer; a newer question makes an older one void. */
async function suggest() {
  const question = ++state.question;
  const texts = TEXTS[state.language];
  say(texts.asking);
  try {
    const body = JSON.stringify({ ingredients: state.drink, top_k: 8 });
    const submitted = await call("api/process", { method: "POST", body });
    const path = `api/result/${submitted.body[0].task_id}`;
    const until = Date.now() + GIVE_UP_MS;
    while (question === state.question) {
      const result = await call(path);
      if (result.status === 200) {
        if (question === state.question) show(result.body);
        return;
      }
      if (Date.now() > until) throw new Error(texts.failed);
      await wait(POLL_MS);
    }
  } catch (error) {
    if (question === state.question) {
      byId("suggestions").replaceChildren();
      say(error instanceof TypeError ? texts.failed : error.message);
    }
  }
}

function show(result) {
  const texts = TEXTS[state.language];
  say(result.error ? result.error.detail : state.drink.length ? texts.next : texts.base);
  byId("suggestions").replaceChildren(
    ...result.suggestions.map(({ ingredient, probability }) => {
      const share = `${Math.round(probability * 100)}%`;
      const name = document.createElement("span");
      const percent = document.createElement("span");
      name.textContent = ingredient;
      percent.textContent = share;
      const button = document.createElement("button");
      button.style.setProperty("--share", share);
      button.append(name, percent);
      button.addEventListener("click", () => add(ingredient));
      const item = document.createElement("li");
      item.append(button);
      return item;
    }),
  );
}

function say(text) {
  byId("status").textContent = text;
}

function add(name) {
  const id = state.names.get(name.trim().toLowerCase()) ?? name.trim();
  if (id && !state.drink.includes(id)) change([...state.drink, id]);
}

function change(drink) {
  state.drink = drink;
  drawDrink();
  suggest();
}

function drawDrink() {
  const names = new Map([...state.names].map(([name, id]) => [id, name]));
  byId("drink").replaceChildren(
    ...state.drink.map((id) => {
      const name = names.get(id) ?? id;
      const button = document.createElement("button");
      button.textContent = `${name} ×`;
      button.setAttribute("aria-label", TEXTS[state.language].remove(name));
      button.addEventListener("click", () => change(state.drink.filter((other) => other !== id)));
      const item = document.createElement("li");
      item.append(button);
      return item;
    }),
  );
}

/** Load the names in the chosen language and draw everything anew. */
async function speak(language) {
  state.language = language;
  document.documentElement.lang = language;
  byId("language").value = language;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = TEXTS[language][element.dataset.text];
  }
  try {
    const { body } = await call("api/ingredients");
    state.names = new Map(body.map(({ id, name }) => [name.toLowerCase(), id]));
  } catch {
    say(TEXTS[language].failed);
    return;
  }
  const options = [...state.names.keys()].map((name) => new Option(name, name));
  byId("names").replaceChildren(...options);
  drawDrink();
  suggest();
}

byId("add").addEventListener("submit", (event) => {
  event.preventDefault();
  add(byId("name").value);
  byId("name").value = "";
});
byId("clear").addEventListener("click", () => change([]));
byId("language").addEventListener("change", (event) => speak(event.target.value));
speak(navigator.language.startsWith("ru") ? "ru" : "en");
