// The page: a drink, and what the API suggests to add to it.

const TEXTS = {
  en: {
    language: "Language",
    about: "Choose what is in the glass, and see what goes well with it.",
    drink: "Your drink",
    add: "Add an ingredient",
    addButton: "Add",
    clear: "Start again",
    suggestions: "Add next",
    docs: "The API",
    key: "API key",
    keyButton: "Use this key",
    needsKey: "This bar asks for a key. Enter yours below.",
    asking: "Asking…",
    base: "Begin with one of these:",
    next: "Goes well with it:",
    unknown: (name) => `We do not have “${name}”.`,
    meant: (name) => `We do not have “${name}”. Did you mean one of these?`,
    remove: (name) => `Remove ${name}`,
    failed: "The bar did not answer. Check the connection and try again.",
  },
  ru: {
    language: "Язык",
    about: "Выберите, что в стакане, и узнайте, что к этому подойдёт.",
    drink: "Ваш напиток",
    add: "Добавить ингредиент",
    addButton: "Добавить",
    clear: "Начать заново",
    suggestions: "Что добавить",
    docs: "API",
    key: "Ключ API",
    keyButton: "Использовать ключ",
    needsKey: "Этому бару нужен ключ. Введите его ниже.",
    asking: "Спрашиваем…",
    base: "Начните с одного из этих:",
    next: "Хорошо подойдёт:",
    unknown: (name) => `У нас нет «${name}».`,
    meant: (name) => `У нас нет «${name}». Может быть, одно из этих?`,
    remove: (name) => `Убрать: ${name}`,
    failed: "Бар не отвечает. Проверьте соединение и попробуйте ещё раз.",
  },
};
const FIRST_LOOK_MS = 150; // the median answer is there by then; later looks wait ever longer
const GIVE_UP_MS = 30_000;

const byId = (id) => document.getElementById(id);
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const state = { language: "en", names: new Map(), drink: [], question: 0 };

class KeyNeeded extends Error {}
class Refused extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.message);
    this.problem = problem;
  }
}

async function call(path, options = {}) {
  const headers = { "Accept-Language": state.language, "Content-Type": "application/json" };
  const key = sessionStorage.getItem("key");
  if (key) headers["x-api-key"] = key;
  const answer = await fetch(path, { ...options, headers });
  const body = await answer.json();
  if (answer.status === 401 || answer.status === 403) throw new KeyNeeded();
  if (!answer.ok) throw new Refused(body);
  return { status: answer.status, body };
}

/** Submit drinks and wait for the results, unless `isVoid` says that nobody wants them now. */
async function ask(drink, isVoid) {
  const submitted = await call("api/process", { method: "POST", body: JSON.stringify(drink) });
  const path = `api/result/${submitted.body[0].task_id}`;
  const until = Date.now() + GIVE_UP_MS;
  for (let pause = FIRST_LOOK_MS; Date.now() < until && !isVoid(); pause *= 1.5) {
    await wait(Math.min(pause, 1000));
    const result = await call(path);
    if (result.status === 200) return result.body;
  }
  throw new Error("no answer");
}

/** Ask what to add; a newer question makes an older one void. */
async function suggest() {
  const question = ++state.question;
  const isVoid = () => question !== state.question;
  say(TEXTS[state.language].asking);
  offer([]);
  try {
    const result = await ask({ ingredients: state.drink, top_k: 8 }, isVoid);
    if (isVoid()) return;
    const { base, next } = TEXTS[state.language];
    say(result.error ? result.error.detail : state.drink.length ? next : base);
    offer(result.suggestions.map(({ ingredient, probability }) => [ingredient, probability]));
  } catch (error) {
    if (!isVoid()) explain(error);
  }
}

function explain(error) {
  const { needsKey, failed } = TEXTS[state.language];
  byId("key-form").hidden = !(error instanceof KeyNeeded);
  if (error instanceof KeyNeeded) say(needsKey);
  else say(error instanceof Refused && error.message ? error.message : failed);
}

/** Show buttons that add what they name, each with its share where it has one. */
function offer(names) {
  byId("suggestions").replaceChildren(
    ...names.map(([name, probability]) => {
      const button = document.createElement("button");
      button.append(text(name));
      if (probability !== undefined) {
        const share = `${Math.round(probability * 100)}%`;
        button.style.setProperty("--share", share);
        button.append(text(share));
      }
      button.addEventListener("click", () => add(name));
      return listItem(button);
    }),
  );
}

function text(content) {
  const span = document.createElement("span");
  span.textContent = content;
  return span;
}

function listItem(child) {
  const item = document.createElement("li");
  item.append(child);
  return item;
}

function say(sentence) {
  byId("status").textContent = sentence;
}

/** Add an ingredient by any of its names; offer the nearest ones when there is none. */
async function add(name) {
  const wanted = name.trim();
  if (!wanted) return;
  byId("name").focus();
  let id = state.names.get(wanted.toLowerCase());
  try {
    id ??= await look(wanted);
  } catch (error) {
    explain(error);
    return;
  }
  if (id && !state.drink.includes(id)) change([...state.drink, id]);
}

/** Find the id of a name that is not in the list: an alias, or the other language's. */
async function look(wanted) {
  const query = new URLSearchParams({ q: wanted, limit: 8 });
  const { body } = await call(`api/ingredients?${query}`);
  if (body.length === 1) return body[0].id;
  state.question += 1; // what was asked before must not replace this
  const texts = TEXTS[state.language];
  say(body.length ? texts.meant(wanted) : texts.unknown(wanted));
  offer(body.map(({ name }) => [name]));
  return undefined;
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
      button.addEventListener("click", () => {
        byId("name").focus();
        change(state.drink.filter((other) => other !== id));
      });
      return listItem(button);
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
  } catch (error) {
    explain(error);
    return;
  }
  byId("key-form").hidden = true;
  byId("names").replaceChildren(...[...state.names.keys()].map((name) => new Option(name, name)));
  drawDrink();
  suggest();
}

byId("add").addEventListener("submit", (event) => {
  event.preventDefault();
  add(byId("name").value);
  byId("name").value = "";
});
byId("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("key", byId("key").value);
  speak(state.language);
});
byId("clear").addEventListener("click", () => change([]));
byId("language").addEventListener("change", (event) => speak(event.target.value));
speak(navigator.language.startsWith("ru") ? "ru" : "en");
