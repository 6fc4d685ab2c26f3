// Roving focus: a toolbar is one stop of the Tab key, and the arrow keys move within it.

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

const visibleButtons = (toolbar) => [...toolbar.querySelectorAll("button:not([hidden])")];

function setTabStop(toolbar, button) {
  for (const other of toolbar.querySelectorAll("button")) {
    other.tabIndex = other === button ? 0 : -1;
  }
}

/** Let the arrow keys, Home and End move the focus within a toolbar. */
export function addRovingFocus(toolbar) {
  toolbar.addEventListener("focusin", (event) => setTabStop(toolbar, event.target));
  toolbar.addEventListener("keydown", (event) => {
    const buttons = visibleButtons(toolbar);
    const current = buttons.indexOf(event.target);
    const target = { Home: 0, End: buttons.length - 1 }[event.key] ?? current + STEPS[event.key];
    if (!buttons[target]) return;
    event.preventDefault();
    buttons[target].focus();
  });
  restoreTabStop(toolbar);
}

/** Make the first visible button the tab stop, unless exactly one is. */
export function restoreTabStop(toolbar) {
  const buttons = visibleButtons(toolbar);
  const stops = buttons.filter((button) => button.tabIndex === 0);
  if (stops.length !== 1) setTabStop(toolbar, buttons[0]);
}
